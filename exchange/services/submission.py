"""Accept a request file for delivery: the only way into the queue for a file that is new here."""

import uuid
from dataclasses import dataclass, replace
from typing import BinaryIO

from django.db import IntegrityError, transaction
from django.utils import timezone

from exchange.errors import SubmissionError
from exchange.filenames import FileNameError, check_final_name
from exchange.messages import Context, MessageError, check_well_formed, read_context
from exchange.models import Account, Payload, Transfer, Upload
from exchange.models.transfer import Direction
from exchange.services.answers import described
from exchange.services.incoming import keep_file
from exchange.services.name_guard import let_go, require_name
from exchange.storage import PayloadMissingError, StoredFile, payload_store
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
    that was delivered within the last two weeks. ``overruled`` are the codes of the warnings that
    a person sends it in spite of, with an ``overrule_reason``.
    """

    account: Account
    name: str
    submitter: Submitter
    submission: uuid.UUID | None = None
    resend_reason: str = ""
    overruled: tuple[str, ...] = ()
    overrule_reason: str = ""


def submit(draft: Draft, *, content: BinaryIO) -> Transfer:
    """Keep ``content`` and queue its delivery.

    A ``submission`` that brought the same file before returns its transfer: the second half of a
    double click. The same form with another file is a request of its own. Raises SubmissionError,
    with nothing kept.
    """
    if not _seen_before(draft):
        _check_before_keeping(draft)
    stored = keep_file(content)
    try:
        context = _check_content(draft.account, stored)
    except SubmissionError:
        payload_store().erase(stored.id)
        raise
    return _queue_once(draft, stored, context)


def submit_upload(draft: Draft, upload: Upload) -> Transfer:
    """Queue the delivery of an upload, whose file the store has already; it is used up by that.

    Who comes second with the same upload, by a double click, from another tab or by going back,
    gets the transfer that the first one made. Raises SubmissionError, with the upload as it was;
    ``upload.gone`` when it was removed meanwhile.
    """
    if earlier := _made_of(upload):
        return earlier
    try:
        return _take_over(replace(draft, submission=upload.pk), upload)
    except (IntegrityError, SubmissionError) as exc:
        # The first half of a double click may have come between.
        if earlier := _made_of(upload):
            return earlier
        if isinstance(exc, SubmissionError):
            raise
        raise SubmissionError("name.in_progress") from exc


def _made_of(upload: Upload) -> Transfer | None:
    return Transfer.objects.filter(submission=upload.pk).first()


def _take_over(draft: Draft, upload: Upload) -> Transfer:
    _check_before_keeping(draft)
    stored = StoredFile(upload.pk, upload.length, upload.sha256)
    try:
        context = _check_content(draft.account, stored)
    except PayloadMissingError as exc:
        raise SubmissionError("upload.gone", str(exc)) from exc
    return _use_up(upload, draft, stored, context)


@transaction.atomic
def _use_up(upload: Upload, draft: Draft, stored: StoredFile, context: Context | None) -> Transfer:
    """Queue it if the upload still waits: of two that come at the same moment one changes it."""
    waiting = Upload.objects.filter(pk=upload.pk, state=Upload.State.WAITING)
    if not waiting.update(state=Upload.State.SENT, touched_at=timezone.now()):
        raise SubmissionError("upload.gone", f"Upload {upload.pk} waits no longer.")
    return _queue(draft, stored, context)


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
        overruled=list(draft.overruled),
        overrule_reason=draft.overrule_reason.strip() if draft.overruled else "",
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
    if draft.overruled:
        record(
            Action.TRANSFER_WARNINGS_OVERRULED,
            actor=draft.submitter.actor,
            organisation_id=draft.account.organisation.pk,
            subject=Subject.row(transfer),
            details={"warnings": transfer.overruled, "reason": transfer.overrule_reason},
        )
    return transfer
