"""Accept a request file for delivery."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from exchange.errors import SubmissionError
from exchange.filenames import FileNameError, check_final_name
from exchange.messages import Context, MessageError, check_well_formed, read_context
from exchange.models import Account, Payload, Transfer
from exchange.models.transfer import Direction
from exchange.services.answers import described
from exchange.services.name_guard import let_go, require_name
from exchange.storage import StoredFile, in_pieces, payload_store
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Subject, record
from magda_portal.people.models import Person


@dataclass(frozen=True, slots=True)
class Submitter:
    """Who submits: the person when it is one, and how the history names them."""

    actor: Actor
    person: Person | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What is asked: deliver a file under ``name`` from ``account``.

    ``submission`` is the form's own id; ``resend_reason``, of 10 to 300 characters, allows a name
    that was delivered within the last two weeks.
    """

    account: Account
    name: str
    submitter: Submitter
    submission: uuid.UUID | None = None
    resend_reason: str = ""


def submit(draft: Draft, *, content: BinaryIO) -> Transfer:
    """Keep ``content`` and queue its delivery.

    A ``submission`` that brought the same file before returns its transfer: the second half of a
    double click. The same form with another file is a request of its own. Raises SubmissionError,
    with nothing kept.
    """
    if not _seen_before(draft):
        _check_before_keeping(draft)
    stored = _keep(content)
    try:
        context = _check_content(draft.account, stored)
    except SubmissionError:
        payload_store().erase(stored.id)
        raise
    return _queue_once(draft, stored, context)


def _queue_once(draft: Draft, stored: StoredFile, context: Context | None) -> Transfer:
    """Queue it, unless the same form brought the same file a moment ago.

    An error of the database leaves the stored file alone: its row may be committed all the same.
    One that no row knows is swept later.
    """
    earlier = _earlier(draft, stored)
    if earlier is not None:
        payload_store().erase(stored.id)
        return earlier
    reused = _seen_before(draft)
    try:
        return _queue(replace(draft, submission=None) if reused else draft, stored, context)
    except (IntegrityError, SubmissionError) as exc:
        # Refused, so surely not committed. The first half of a double click may have come between.
        payload_store().erase(stored.id)
        earlier = _earlier(draft, stored)
        if earlier is not None:
            return earlier
        if isinstance(exc, SubmissionError):
            raise
        raise SubmissionError("name.in_progress") from exc


def _seen_before(draft: Draft) -> bool:
    return bool(draft.submission) and Transfer.objects.filter(submission=draft.submission).exists()


def _earlier(draft: Draft, stored: StoredFile) -> Transfer | None:
    """Return the transfer that this form made before, of the same file."""
    if draft.submission is None:
        return None
    return Transfer.objects.filter(
        submission=draft.submission,
        account=draft.account,
        final_name=draft.name,
        sha256=stored.sha256,
    ).first()


def _check_before_keeping(draft: Draft) -> None:
    if draft.account.state != Account.State.ACTIVE:
        raise SubmissionError("account.suspended")
    try:
        check_final_name(draft.name)
    except FileNameError as exc:
        raise SubmissionError(exc.code, str(exc)) from exc
    require_name(draft.account, draft.name, reason=draft.resend_reason, now=timezone.now())


def _keep(content: BinaryIO) -> StoredFile:
    try:
        stored = payload_store().keep(_limited(content))
    except OSError as exc:
        raise SubmissionError("storage.full", f"The file could not be kept: {exc}") from exc
    if stored.size == 0:
        payload_store().erase(stored.id)
        raise SubmissionError("upload.empty")
    return stored


def _limited(content: BinaryIO) -> Iterator[bytes]:
    total = 0
    for piece in in_pieces(content):
        total += len(piece)
        if total > settings.UPLOAD_LIMIT:
            raise SubmissionError("upload.too_large")
        yield piece


def _check_content(account: Account, stored: StoredFile) -> Context | None:
    """Read what the file says of itself; only an account that expects XML refuses other files."""
    try:
        if account.expects_xml:
            with payload_store().open(stored.id) as content:
                check_well_formed(content)
        with payload_store().open(stored.id) as content:
            return read_context(content)
    except MessageError as exc:
        if account.expects_xml:
            raise SubmissionError(exc.code, str(exc)) from exc
        return None


@transaction.atomic
def _queue(draft: Draft, stored: StoredFile, context: Context | None) -> Transfer:
    now = timezone.now()
    holder = require_name(draft.account, draft.name, reason=draft.resend_reason, now=now)
    let_go(draft.account, draft.name, holder, now=now)
    transfer = Transfer.objects.create(
        account=draft.account,
        direction=Direction.DELIVERY,
        final_name=draft.name,
        size=stored.size,
        sha256=stored.sha256,
        payload=Payload.objects.create(id=stored.id, size=stored.size, sha256=stored.sha256),
        person=draft.submitter.person,
        submission=draft.submission,
        holds_name=True,
        resends=holder,
        resend_reason=draft.resend_reason.strip() if holder else "",
        next_attempt_at=now,
        **described(context),
    )
    record(
        Action.TRANSFER_SUBMITTED,
        actor=draft.submitter.actor,
        organisation_id=draft.account.organisation.pk,
        subject=Subject.row(transfer),
        details={
            "size": stored.size,
            "sha256": stored.sha256,
            "resends": holder.pk if holder else None,
            "reason": transfer.resend_reason,
        },
    )
    return transfer
