"""Write down what an attempt came to, and what that means for the transfer and its account."""

from datetime import timedelta

from django.utils import timezone

from exchange.errors import NotReadyError
from exchange.ftps import FTPSError
from exchange.models import Transfer, TransferAttempt
from exchange.models.transfer import Step
from exchange.services.attempts import AttemptRecorder
from exchange.services.logins import login_failed
from exchange.services.transfers import doubt, fail, lay_back, postpone
from exchange.services.troubles import (
    LONGEST_TRANSFER_PAUSE,
    MOST_TRIES,
    Consequence,
    consequence_of,
    pause_after,
)

# How long, and how often at least, we look for a file whose rename was asked before a person has to
# decide. A server that was away for an hour is looked at more than once, too.
LOOK_FOR = timedelta(minutes=15)
LOOKS = 3


def file_trouble(transfer: Transfer, attempt: TransferAttempt, *, may_pass: bool) -> None:
    """Let the transfer wait, or fail it; what may have arrived is left to a person instead."""
    now = timezone.now()
    # A refused rename may pass: some servers still have the file open for a moment.
    asked = transfer.step == Step.RENAME_ASKED
    if (may_pass or asked) and transfer.attempts_made < MOST_TRIES:
        pause = pause_after(transfer.attempts_made - 1, longest=LONGEST_TRANSFER_PAUSE)
        postpone(transfer, attempt, until=now + pause)
    elif asked:
        doubt(transfer, attempt, now=now)
    else:
        fail(transfer, attempt, now=now)


def account_trouble(
    transfer: Transfer, recorder: AttemptRecorder, error: FTPSError | NotReadyError
) -> None:
    """Lay the transfer back until the account works again: it pauses, or steps back and goes on."""
    now = timezone.now()
    login_failed(
        transfer.account, error, recorder.fingerprint, transcript=recorder.transcript, now=now
    )
    lay_back(transfer, recorder.failed(error), now=now)


def server_trouble(transfer: Transfer, recorder: AttemptRecorder, error: FTPSError) -> bool:
    """Judge what the server did; return whether the other files may be tried."""
    consequence = consequence_of(error)
    if consequence in (Consequence.ACCOUNT, Consequence.CONNECTION):
        account_trouble(transfer, recorder, error)
        return False
    may_pass = consequence is Consequence.PASSING
    file_trouble(transfer, recorder.failed(error), may_pass=may_pass)
    return True


def not_seen(transfer: Transfer, recorder: AttemptRecorder) -> None:
    """Look again in a minute, for a quarter of an hour; then a person has to decide."""
    now = timezone.now()
    attempt = recorder.failed_here("delivery.not_seen")
    looks = 1 + transfer.attempts.filter(error_code=attempt.error_code).count()
    asked_at = transfer.rename_asked_at or now
    if looks >= LOOKS and now - asked_at > LOOK_FOR:
        doubt(transfer, attempt, now=now)
    else:
        postpone(transfer, attempt, until=now + timedelta(minutes=1))


def name_taken(transfer: Transfer, recorder: AttemptRecorder) -> None:
    """Give up, or wait until MAGDA has picked up the earlier file that is sent again."""
    if transfer.resends_id:
        file_trouble(transfer, recorder.failed_here("name.still_standing"), may_pass=True)
    else:
        fail(transfer, recorder.failed_here("name.taken"), now=timezone.now())
