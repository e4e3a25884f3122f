"""What a notice says now: the line of a mail, or nothing when it was dealt with meanwhile."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from exchange.advice import advice_for
from exchange.models import Account, RemoteFile, Transfer
from exchange.models.transfer import State
from exchange.services.mailing import name_in_mail
from magda_portal.audit.actions import Action
from magda_portal.audit.models import AuditEvent
from magda_portal.people.access import organisations_seen_by
from magda_portal.people.models import Kind, Notice, Person
from magda_portal.web.advice import Advice

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

_CERTIFICATE_WORDS: Final[Mapping[str, "StrPromise"]] = {
    Action.CERTIFICATE_IMPORTED: _("A certificate was imported."),
    Action.CERTIFICATE_ACTIVATED: _("Another certificate was put in use."),
    Action.CERTIFICATE_DISCARDED: _("The next certificate was laid aside."),
    Action.CERTIFICATE_STEPPED_BACK: _(
        "MAGDA refused the new certificate; the previous one is in use again."
    ),
    Action.CERTIFICATE_REVOKED: _("A certificate was revoked by the authority that issued it."),
    Action.CERTIFICATE_REINSTATED: _("A certificate is no longer revoked."),
    Action.CERTIFICATE_EXPIRY_NOTIFIED: _("A certificate expires soon, or has expired."),
    Action.SWITCH_PLANNED: _("The switch to the next certificate was planned."),
    Action.SWITCH_CANCELLED: _("The planned switch to the next certificate was called off."),
    Action.TRUST_ANCHOR_ADDED: _("A trust anchor was added."),
    Action.TRUST_ANCHOR_REMOVED: _("A trust anchor was removed."),
    Action.SERVER_ALARMED: _("There is an alarm about a server."),
}
# The page about a subject, by the type that the trail calls it by.
_PAGES: Final[Mapping[str, Callable[[str], str]]] = {
    "clientidentity": lambda pk: reverse("identity_show", args=[int(pk)]),
    "watchedserver": lambda pk: reverse("server_show", args=[int(pk)]),
    "trustanchor": lambda _pk: reverse("trust_anchors"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that a mail tells."""

    kind: Kind
    link: str
    at: datetime
    # Of a file; None when it may hold a number that belongs to a person.
    name: str | None = None
    account: Account | None = None
    # What an event is about, and what happened to it.
    subject: str = ""
    words: "StrPromise | str" = ""
    advice: Advice | None = None
    removal_day: date | None = None


def lines_about(notices: Sequence[Notice], *, person: Person) -> dict[int, Line]:
    """Return the lines of those notices that are still worth telling, by notice id.

    Left out are organisations that ``person`` no longer sees, deliveries that were put right, and
    files that are no longer at risk.
    """
    seen = set(organisations_seen_by(person).values_list("pk", flat=True))
    mine = [notice for notice in notices if notice.organisation_id in seen]
    events = AuditEvent.objects.in_bulk(
        [notice.source_id for notice in mine if notice.source == Notice.Source.EVENT]
    )
    files = RemoteFile.objects.select_related("account__identity__organisation").in_bulk(
        [notice.source_id for notice in mine if notice.source == Notice.Source.FILE]
    )
    transfers = Transfer.objects.select_related("account__identity__organisation").in_bulk(
        {int(event.subject_id) for event in events.values() if event.subject_type == "transfer"}
    )
    lines: dict[int, Line] = {}
    told: set[tuple[str, str]] = set()
    # The latest first: of two failures of one delivery the last one counts.
    for notice in reversed(mine):
        line = _line(notice, events, transfers, files)
        if line is None or (notice.kind, line.link) in told:
            continue
        if notice.kind == Kind.FAILED:
            told.add((notice.kind, line.link))
        lines[notice.pk] = line
    return dict(sorted(lines.items()))


def _line(
    notice: Notice,
    events: Mapping[int, AuditEvent],
    transfers: Mapping[int, Transfer],
    files: Mapping[int, RemoteFile],
) -> Line | None:
    if notice.source == Notice.Source.FILE:
        file = files.get(notice.source_id)
        return _about_file(file) if file and file.state == RemoteFile.State.SEEN else None
    event = events[notice.source_id]
    if notice.kind == Kind.CERTIFICATE:
        return _about_certificate(event)
    transfer = transfers.get(int(event.subject_id))
    return _about_transfer(Kind(notice.kind), transfer, event) if transfer else None


def _about_transfer(kind: Kind, transfer: Transfer, event: AuditEvent) -> Line | None:
    if kind == Kind.FAILED and transfer.state not in (State.FAILED, State.UNCERTAIN):
        return None
    return Line(
        kind=kind,
        link=settings.PORTAL_ORIGIN + reverse("transfer_show", args=[transfer.pk]),
        at=event.at,
        name=name_in_mail(transfer.final_name),
        advice=advice_for(transfer.error_code) if transfer.error_code else None,
        account=transfer.account,
    )


def _about_file(file: RemoteFile) -> Line:
    return Line(
        kind=Kind.REMOVAL,
        link=settings.PORTAL_ORIGIN + reverse("account_show", args=[file.account_id]),
        at=file.first_seen_at,
        name=name_in_mail(file.wire_name),
        advice=advice_for(file.error_code) if file.error_code else None,
        removal_day=file.removal_day,
        account=file.account,
    )


def _about_certificate(event: AuditEvent) -> Line:
    page = _PAGES.get(event.subject_type)
    path = page(event.subject_id) if page else reverse("certificates")
    return Line(
        kind=Kind.CERTIFICATE,
        link=settings.PORTAL_ORIGIN + path,
        at=event.at,
        subject=event.subject_text,
        words=_CERTIFICATE_WORDS[event.action],
    )
