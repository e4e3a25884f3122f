"""Files that wait to be sent: keep, check, rename and remove them.

Nothing here queues anything; that is :func:`exchange.services.submission.submit_upload`.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, BinaryIO, Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from exchange.errors import SubmissionError
from exchange.filenames import own_name
from exchange.models import Account, Upload
from exchange.services.checks import Finding, Severity, check_request
from exchange.services.incoming import keep_file
from exchange.storage import PayloadMissingError, StoredFile, payload_store
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Subject, record
from magda_portal.people.models import Person

UPLOAD_RETENTION: Final = timedelta(days=1)
"""How long an upload stays, whole or not, since a person last touched it."""
MAX_FILES: Final = 50
"""Files that wait in one parcel: what one page can show, and one form can hold."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is looked through and sent together: the files of one form, for one account."""

    id: uuid.UUID
    account: Account
    person: Person

    @classmethod
    def of_form(cls, submission: uuid.UUID, account: Account, person: Person) -> "Parcel":
        """Return the parcel of a form by its id, which is never that of another account or person.

        The form's id stands in the address of the page, which a colleague may be sent.
        """
        return cls(uuid.uuid5(submission, f"{account.pk}:{person.pk}"), account, person)


def keep_upload(parcel: Parcel, file_name: str, content: BinaryIO) -> Upload:
    """Keep a file and check it; one that the parcel has already is not kept twice.

    Raises SubmissionError, with nothing kept: the codes of :func:`keep_file`, and
    ``upload.too_many``.
    """
    require_place(parcel.id)
    stored = keep_file(content)
    findings = _checked(parcel.account, own_name(file_name), stored.id)
    try:
        return _enter(parcel, file_name, stored, findings)
    except IntegrityError:
        # Refused, so surely not committed; any other error may hide a commit that was done.
        payload_store().erase(stored.id)
        return the_same(parcel.id, file_name, stored.sha256)


def require_place(parcel_id: uuid.UUID) -> None:
    """Raise SubmissionError, ``upload.too_many``, when the parcel takes no further file.

    What was announced, and of which nothing came, takes no place: no page shows it.
    """
    unsent = Upload.objects.filter(parcel=parcel_id).exclude(state=Upload.State.SENT)
    if unsent.exclude(state=Upload.State.RECEIVING, received=0).count() >= MAX_FILES:
        raise SubmissionError("upload.too_many")


def bring_along(upload: Upload, parcel: Parcel) -> Upload:
    """Put a whole file that waits into ``parcel``; return the one that stands there for it then.

    So it is with the rest of the form that was chosen for it now. What was sent stays where it is,
    and so does a file that the parcel has already. Raises SubmissionError: ``upload.too_many``,
    ``upload.gone``.
    """
    if upload.state != Upload.State.WAITING or upload.parcel == parcel.id:
        return upload
    require_place(parcel.id)
    waiting = Upload.objects.filter(pk=upload.pk, state=Upload.State.WAITING)
    try:
        with transaction.atomic():
            waiting.update(parcel=parcel.id, touched_at=timezone.now())
    except IntegrityError:
        return the_same(parcel.id, upload.file_name, upload.sha256)
    moved = Upload.objects.filter(pk=upload.pk).first()
    if moved is None:
        raise SubmissionError("upload.gone")
    return moved


def the_same(parcel_id: uuid.UUID, file_name: str, sha256: str) -> Upload:
    """Return the file that the parcel has already. Raises SubmissionError: ``upload.gone``."""
    whole = Upload.objects.exclude(state=Upload.State.RECEIVING)
    same = whole.filter(parcel=parcel_id, file_name=file_name, sha256=sha256).first()
    if same is None:
        raise SubmissionError("upload.gone", "The same file was removed at this moment.")
    return same


@transaction.atomic
def _enter(
    parcel: Parcel, file_name: str, stored: StoredFile, findings: list[dict[str, Any]]
) -> Upload:
    upload = Upload.objects.create(
        id=stored.id,
        parcel=parcel.id,
        person=parcel.person,
        account=parcel.account,
        state=Upload.State.WAITING,
        file_name=file_name,
        name=own_name(file_name),
        length=stored.size,
        received=stored.size,
        sha256=stored.sha256,
        findings=findings,
    )
    record_upload(Action.UPLOAD_KEPT, upload, Actor.person(parcel.person))
    return upload


def check_again(upload: Upload, *, name: str) -> None:
    """Give a waiting upload that name, and note what the checks find in it now."""
    try:
        findings = _checked(upload.account, name, upload.pk)
    except PayloadMissingError:
        # Removed meanwhile, or just sent: there is nothing left to check.
        return
    waiting = Upload.objects.filter(pk=upload.pk, state=Upload.State.WAITING)
    waiting.update(name=name, findings=findings, touched_at=timezone.now())


def note_reasons(upload: Upload, *, resend_reason: str, overrule_reason: str) -> None:
    """Keep the reasons that a person typed, so that they stand there when the page is next seen."""
    Upload.objects.filter(pk=upload.pk, state=Upload.State.WAITING).update(
        resend_reason=resend_reason, overrule_reason=overrule_reason, touched_at=timezone.now()
    )


def discard(upload: Upload, *, actor: Actor, action: Action = Action.UPLOAD_DISCARDED) -> bool:
    """Remove an upload that was not sent; return whether it was there to be removed.

    The row goes first: a file without a row is swept, a row without its file would promise it.
    """
    with transaction.atomic():
        unsent = Upload.objects.filter(pk=upload.pk).exclude(state=Upload.State.SENT)
        if not unsent.delete()[0]:
            return False
        record_upload(action, upload, actor)
    payload_store().erase(upload.pk)
    return True


def findings_of(upload: Upload) -> tuple[Finding, ...]:
    """Return what the last check found."""
    return tuple(
        Finding(
            code=row["code"],
            severity=Severity(row["severity"]),
            lines=tuple(row["lines"]),
            count=row["count"],
            subject=row["subject"],
        )
        for row in upload.findings
    )


def _checked(account: Account, name: str, file_id: uuid.UUID) -> list[dict[str, Any]]:
    with payload_store().open(file_id) as content:
        return findings_in(account, name, content)


def findings_in(account: Account, name: str, content: BinaryIO) -> list[dict[str, Any]]:
    """Check a file, whichever way it came; return what was found as an upload keeps it."""
    return [
        {
            "code": finding.code,
            "severity": finding.severity.value,
            "lines": list(finding.lines),
            "count": finding.count,
            "subject": finding.subject,
        }
        for finding in check_request(account, name, content)
    ]


def record_upload(action: Action, upload: Upload, actor: Actor) -> None:
    """Enter in the history what was done with an upload."""
    record(
        action,
        actor=actor,
        organisation_id=upload.account.organisation.pk,
        subject=Subject.row(upload),
        details={"size": upload.length, "sha256": upload.sha256},
    )
