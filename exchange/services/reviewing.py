"""What stands in the way of each upload of a parcel, before it is sent."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import prefetch_related_objects

from exchange.errors import SubmissionError
from exchange.filenames import FileNameError, check_final_name, own_name
from exchange.models import Transfer, Upload
from exchange.queries import transfers_visible_to
from exchange.queries.uploads import uploads_in
from exchange.services.checks import Finding, Severity
from exchange.services.name_guard import holders_of, why_refused
from exchange.services.reasons import why_no_reason
from exchange.services.submission import Draft, Submitter, submit_upload
from exchange.services.uploads import findings_of
from magda_portal.people.models import Person

MOST_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Reviewed:
    """An upload with what was found in it, who has its name, and what it became."""

    upload: Upload
    findings: tuple[Finding, ...]
    # The delivery that has its name, if any.
    holder: Transfer | None
    # What it became; None while it waits.
    transfer: Transfer | None

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity == Severity.ERROR]

    @property
    def warnings(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity == Severity.WARNING]

    @property
    def shown_findings(self) -> list[Finding]:
        """Return those that a page tells, errors first: whoever mends the first mends many."""
        return [*self.errors, *self.warnings][:MOST_SHOWN]

    @property
    def hidden_findings(self) -> int:
        return max(0, len(self.findings) - MOST_SHOWN)

    @property
    def can_go(self) -> bool:
        """Say whether it may be sent, once its name and the reasons for it are right."""
        return self.transfer is None and not self.errors

    @property
    def name_error(self) -> str:
        """Return the code of what makes its name one that no file is delivered under; else ""."""
        try:
            check_final_name(self.upload.name)
        except FileNameError as exc:
            return "" if self.transfer else exc.code
        return ""

    @property
    def has_other_name(self) -> bool:
        """Say whether its name was changed as it came in, and nobody chose another one since."""
        upload = self.upload
        return upload.name != upload.file_name and upload.name == own_name(upload.file_name)

    @property
    def name_code(self) -> str:
        """Return the code of what keeps its name from being used without a reason."""
        return why_refused(self.holder, reason="") if self.holder else ""

    @property
    def warning_codes(self) -> frozenset[str]:
        return frozenset(finding.code for finding in self.warnings)


def review(parcel: uuid.UUID, person: Person, *, now: datetime) -> list[Reviewed]:
    """Return the uploads of a parcel as ``person`` may see them; none for somebody else's."""
    uploads = list(uploads_in(parcel, person))
    if not uploads:
        return []
    made = {row.submission: row for row in _made_of(uploads, person)}
    names = [upload.name for upload in uploads if upload.pk not in made]
    holders = holders_of(uploads[0].account, names, now=now)
    prefetch_related_objects(list(holders.values()), "answers")
    return [
        Reviewed(
            upload=upload,
            findings=findings_of(upload),
            holder=None if upload.pk in made else holders.get(upload.name),
            transfer=made.get(upload.pk),
        )
        for upload in uploads
    ]


def send(
    reviewed: Reviewed, submitter: Submitter, *, resend_reason: str, overrule_reason: str
) -> Transfer:
    """Queue a reviewed upload; its warnings are overruled for that reason.

    Raises SubmissionError, as :func:`submit_upload` does; for an error that was found, its code,
    and ``transfer.reason_short`` or ``transfer.reason_long`` for warnings without a reason
    that is a sentence.
    """
    if reviewed.errors:
        raise SubmissionError(reviewed.errors[0].code)
    if reviewed.warnings and (code := why_no_reason(overrule_reason)):
        raise SubmissionError(code)
    upload = reviewed.upload
    draft = Draft(
        account=upload.account,
        name=upload.name,
        submitter=submitter,
        resend_reason=resend_reason,
        overruled=tuple(sorted(reviewed.warning_codes)),
        overrule_reason=overrule_reason,
    )
    return submit_upload(draft, upload)


def _made_of(uploads: Iterable[Upload], person: Person) -> Iterable[Transfer]:
    sent = [upload.pk for upload in uploads if upload.state == Upload.State.SENT]
    return transfers_visible_to(person).filter(submission__in=sent)
