"""Send a delivered file again: a new transfer that names the old one, with a person's reason.

Each transfer is sent again once at most: whoever wants it a third time sends the second one again.
So two people who press the button at the same moment, or a day after each other on the same old
page, cause one consultation and not two.
"""

import uuid
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from exchange.errors import ExchangeError, StateError, SubmissionError
from exchange.filenames import FileNameError, check_final_name
from exchange.ftps import Entry
from exchange.models import Account, Payload, Transfer
from exchange.models.transfer import Direction, State
from exchange.queries import sent_again_as
from exchange.remote import path_in
from exchange.services.cached_requests import find_in_cache
from exchange.services.name_guard import let_go, require_name
from exchange.services.reasons import why_no_reason
from exchange.services.submission import Submitter
from exchange.storage import PayloadMissingError, StoredFile, in_pieces, payload_store
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Subject, record


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants a file sent again, and why; ``submission`` is the form's own id."""

    submitter: Submitter
    reason: str
    submission: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class _Content:
    """What is sent: a copy in our store, or else a file of so many bytes in MAGDA's cache."""

    size: int
    copy: StoredFile | None = None
    path: str = ""


def why_not_sent_again(transfer: Transfer) -> str:
    """Return the code of what keeps ``transfer`` from being sent again; empty when nothing does."""
    if transfer.direction != Direction.DELIVERY:
        return "transfer.from_magda"
    if transfer.state == State.UNCERTAIN:
        return "transfer.undecided"
    if transfer.state != State.DONE:
        return "transfer.not_delivered"
    return "transfer.sent_again_already" if sent_again_as(transfer) else ""


def send_again(transfer: Transfer, wish: Wish) -> Transfer:
    """Queue the content of ``transfer`` once more under its name; return the new transfer.

    The content is a copy of ours; where that is erased or damaged, a worker fetches it from MAGDA's
    cache. Raises SubmissionError or StateError, with nothing kept.
    """
    account, name = transfer.account, transfer.final_name
    if earlier := _by_the_same_form(account, name, wish):
        return earlier
    _check(account, wish)
    _require_sendable(transfer)
    require_name(account, name, reason=wish.reason, now=timezone.now())
    copy = _copy_of(transfer)
    path = "" if copy else path_in(account.folder_cache_to_vip, name)
    return _queue_once(account, name, _Content(transfer.size, copy, path), transfer, wish)


def send_again_from_cache(
    account: Account, name: str, wish: Wish, *, latest: int | None = None
) -> Transfer:
    """Queue the file that MAGDA's cache holds under ``name`` once more; return the new transfer.

    It names the last delivery of ours under that name, if there is one. ``latest`` is the number of
    the one that the person was shown, 0 for none: when another was delivered since, somebody sent
    it again already. Raises SubmissionError, StateError, FTPSError, AccountError; ``cache.gone``
    for a name that the cache doesn't hold.
    """
    if earlier := _by_the_same_form(account, name, wish):
        return earlier
    _check(account, wish)
    try:
        check_final_name(name)
    except FileNameError as exc:
        raise SubmissionError(exc.code, str(exc)) from exc
    require_name(account, name, reason=wish.reason, now=timezone.now())
    earlier = latest_delivered(account, name)
    if latest is not None and latest != (earlier.pk if earlier else 0):
        raise StateError("transfer.sent_again_already")
    entry = find_in_cache(account, name)
    if entry is None:
        raise StateError("cache.gone")
    content = _Content(_size_of(entry), path=path_in(account.folder_cache_to_vip, name))
    return _queue_once(account, name, content, earlier, wish)


def latest_delivered(account: Account, name: str) -> Transfer | None:
    """Return the newest delivery that stands, or stood, at MAGDA under ``name``."""
    delivered = Transfer.objects.filter(
        account=account, direction=Direction.DELIVERY, final_name=name, state=State.DONE
    )
    return delivered.order_by("-id").first()


def _size_of(entry: Entry) -> int:
    if entry.size is None:
        raise StateError("cache.size_unknown")
    if entry.size == 0:
        raise SubmissionError("upload.empty")
    return entry.size


def _by_the_same_form(account: Account, name: str, wish: Wish) -> Transfer | None:
    """Return the transfer that this form made before: the first half of a double click."""
    if wish.submission is None:
        return None
    return Transfer.objects.filter(
        submission=wish.submission, account=account, final_name=name
    ).first()


def _check(account: Account, wish: Wish) -> None:
    if account.state != Account.State.ACTIVE:
        raise SubmissionError("account.suspended")
    if code := why_no_reason(wish.reason):
        raise SubmissionError(code)


def _require_sendable(transfer: Transfer) -> None:
    if code := why_not_sent_again(transfer):
        raise StateError(code)


def _copy_of(transfer: Transfer) -> StoredFile | None:
    """Copy the content within the store; None when it is not there, or not what it was."""
    payload = transfer.payload
    if payload is None or payload.erased_at is not None:
        return None
    store = payload_store()
    try:
        with store.open(payload.pk) as content:
            copy = store.keep(in_pieces(content))
    except PayloadMissingError:
        return None
    except OSError as exc:
        raise SubmissionError("storage.full", f"The file could not be copied: {exc}") from exc
    if copy.sha256 != transfer.sha256:
        store.erase(copy.id)
        return None
    return copy


def _queue_once(
    account: Account, name: str, content: _Content, earlier: Transfer | None, wish: Wish
) -> Transfer:
    try:
        return _queue(account, name, content, earlier, wish)
    except (IntegrityError, ExchangeError) as exc:
        # Refused, so surely not committed; any other error may hide a commit that was done.
        if content.copy:
            payload_store().erase(content.copy.id)
        if twin := _by_the_same_form(account, name, wish):
            return twin
        if isinstance(exc, ExchangeError):
            raise
        raise SubmissionError("name.in_progress") from exc


@transaction.atomic
def _queue(
    account: Account, name: str, content: _Content, earlier: Transfer | None, wish: Wish
) -> Transfer:
    now = timezone.now()
    if earlier is not None:
        # Who comes second waits here, and then sees what the first one made.
        _require_sendable(Transfer.objects.select_for_update().get(pk=earlier.pk))
    holder = require_name(account, name, reason=wish.reason, now=now)
    let_go(account, name, holder, now=now)
    transfer = Transfer.objects.create(
        account=account,
        direction=Direction.DELIVERY,
        final_name=name,
        size=content.size,
        sha256=content.copy.sha256 if content.copy else "",
        payload=_payload(content.copy) if content.copy else None,
        content_from=content.path,
        person=wish.submitter.person,
        submission=wish.submission,
        holds_name=True,
        resends=earlier,
        resend_reason=wish.reason.strip(),
        next_attempt_at=now,
        **_described_like(earlier if content.copy else None),
    )
    record(
        Action.TRANSFER_SUBMITTED,
        actor=wish.submitter.actor,
        organisation_id=account.organisation.pk,
        subject=Subject.row(transfer),
        details={
            "size": transfer.size,
            "sha256": transfer.sha256,
            "from": transfer.content_from,
            "resends": earlier.pk if earlier else None,
            "reason": transfer.resend_reason,
        },
    )
    if earlier is not None:
        record(
            Action.TRANSFER_SENT_AGAIN,
            actor=wish.submitter.actor,
            organisation_id=account.organisation.pk,
            subject=Subject.row(earlier),
            details={"as": transfer.pk, "reason": transfer.resend_reason},
        )
    return transfer


def _payload(copy: StoredFile) -> Payload:
    return Payload.objects.create(id=copy.id, size=copy.size, sha256=copy.sha256)


def _described_like(earlier: Transfer | None) -> dict[str, str]:
    """Return what the file says of itself; of one in the cache that is read once it is here."""
    columns = ("message_kind", "service", "referte")
    return {column: getattr(earlier, column) if earlier else "" for column in columns}
