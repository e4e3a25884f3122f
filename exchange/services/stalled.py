"""Lay back what a worker left behind when its lease ran out.

Nothing is guessed here: the next attempt reads how far the delivery came, and looks at the server
before it does anything.
"""

from datetime import datetime, timedelta

from django.db import transaction

from exchange.models import TemporaryFile, Transfer, TransferAttempt
from exchange.models.transfer import Direction, State, Step
from exchange.services.lease_clock import LEASE, is_over
from exchange.services.transfers import doubt, fail, postpone, record_of
from exchange.services.troubles import LONGEST_TRANSFER_PAUSE, MOST_TRIES, pause_after
from magda_portal.audit.actions import Action
from magda_portal.audit.queries import events_for

# A worker that was frozen, not dead, stops at its next step; the command it was about to send may
# still go out, and bring a temporary file back that was removed already.
WATCH_FOR = timedelta(hours=1)


def free_stalled_transfers(*, now: datetime) -> int:
    """Lay back transfers whose lease is over; return how many.

    A transfer that cost worker after worker is given up, or left to a person when it may have
    arrived.
    """
    stalled = Transfer.objects.filter(
        is_over("lease_until"), direction=Direction.DELIVERY, state=State.RUNNING
    )
    return sum(_free(transfer, now) for transfer in stalled.select_related("account__identity"))


@transaction.atomic
def _free(transfer: Transfer, now: datetime) -> int:
    still_stalled = Transfer.objects.filter(
        is_over("lease_until"), pk=transfer.pk, token=transfer.token, state=State.RUNNING
    )
    if still_stalled.select_for_update(of=("self",)).first() is None:
        return 0
    TemporaryFile.objects.filter(transfer=transfer).update(watch_until=now + WATCH_FOR)
    attempt = TransferAttempt(
        transfer=transfer,
        number=transfer.attempts.count() + 1,
        started_at=_begun_at(transfer, now),
        error_code="transfer.worker_lost",
    )
    record_of(Action.TRANSFER_FREED, transfer)
    if transfer.attempts_made < MOST_TRIES:
        # At once the first time; a transfer that ends its workers waits longer each time.
        failures = max(0, transfer.attempts_made - 1)
        pause = pause_after(failures, longest=LONGEST_TRANSFER_PAUSE) if failures else timedelta()
        postpone(transfer, attempt, until=now + pause)
    elif transfer.step == Step.RENAME_ASKED:
        doubt(transfer, attempt, now=now)
    else:
        fail(transfer, attempt, now=now)
    return 1


def _begun_at(transfer: Transfer, now: datetime) -> datetime:
    """Return when the lost worker claimed the transfer, or the earliest that its lease allows."""
    claimed = events_for(transfer).filter(action=Action.TRANSFER_SENDING).last()
    if claimed is not None:
        return claimed.at
    return max((transfer.lease_until or now) - LEASE, transfer.created_at)
