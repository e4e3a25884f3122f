"""The mail about many things at once, in the language of who gets it."""

from collections.abc import Iterable
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exchange.services.notifications.lines import Line
from magda_portal.people.models import Kind, Person, Timing
from magda_portal.web.mailing import compose

LONGEST_LIST: Final = 50
"""Lines of one kind in one mail; the portal shows the rest."""


def notification(person: Person, lines: Iterable[Line], *, timing: Timing) -> EmailMessage:
    """Return the mail that tells ``person`` of ``lines``."""
    by_kind = {kind: [line for line in lines if line.kind == kind] for kind in Kind}
    told = {kind: found for kind, found in by_kind.items() if found}
    language = person.language or settings.LANGUAGE_CODE
    with translation.override(language):
        return compose(
            "exchange/mail/notification.txt",
            subject=_subject({kind: len(found) for kind, found in told.items()}, timing),
            context={
                "sections": [
                    {
                        "kind": kind,
                        "count": len(found),
                        "lines": found[:LONGEST_LIST],
                        "others": len(found[LONGEST_LIST:]),
                    }
                    for kind, found in told.items()
                ],
                "is_digest": timing == Timing.DIGEST,
                "choices": settings.PORTAL_ORIGIN + reverse("notifications"),
                "portal": settings.PORTAL_ORIGIN + reverse("overview"),
            },
            recipients=[person.email],
            language=language,
        )


def _subject(counts: dict[Kind, int], timing: Timing) -> str:
    count = sum(counts.values())
    facts = {"count": count}
    if timing == Timing.DIGEST:
        text = ngettext(
            "Daily overview: %(count)d message about your file exchange with MAGDA",
            "Daily overview: %(count)d messages about your file exchange with MAGDA",
            count,
        )
        return text % facts
    if len(counts) > 1:
        return _("%(count)d messages about your file exchange with MAGDA") % facts
    return _subject_about(next(iter(counts)), count) % facts


def _subject_about(kind: Kind, count: int) -> str:
    if kind == Kind.ARRIVED:
        return ngettext(
            "%(count)d file arrived from MAGDA", "%(count)d files arrived from MAGDA", count
        )
    if kind == Kind.FAILED:
        return ngettext(
            "%(count)d delivery to MAGDA failed or is uncertain",
            "%(count)d deliveries to MAGDA failed or are uncertain",
            count,
        )
    if kind == Kind.REMOVAL:
        return ngettext(
            "MAGDA is about to remove %(count)d file",
            "MAGDA is about to remove %(count)d files",
            count,
        )
    return ngettext(
        "%(count)d message about certificates", "%(count)d messages about certificates", count
    )
