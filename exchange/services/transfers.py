"""The state machine of a delivery, as its worker drives it: claim, advance, and one outcome.

A claim sets a lease and raises the token; every later write names that token, so a worker that
lost its lease can't write over its successor: it gets LeaseLostError instead.
"""

import time
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from exchange.models import Account, Transfer, TransferAttempt
from exchange.models.transfer import Direction, State, Step
from exchange.services.troubles import (
    LONGEST_TRANSFER_PAUSE,
    MOST_TRIES,
    PORTAL,
    pause_after,
)
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Details, Subject, record

LEASE = timedelta(seconds=60)
RENEW_AFTER_SECONDS = 15.0


class LeaseLostError(Exception):
    """Another worker has taken this transfer over; stop, and write nothing."""


def due_deliveries(now: datetime) -> Q:
    """Return what a delivery that may be claimed at ``now`` looks like."""
    return Q(
        direction=Direction.DELIVERY,
        state__in=[State.QUEUED, State.WAITING],
        next_attempt_at__lte=now,
    )


@transaction.atomic
def claim_next(account: Account, *, now: datetime, among: Q) -> Transfer | None:
    """Claim the delivery of ``account`` that matches ``among`` and is due longest.

    Returns None when there is none, the account is suspended, or as many deliveries run already as
    the account may hold connections.
    """
    # The lock makes the count below true until we have added ours to it.
    working = Account.objects.select_for_update(of=("self",)).filter(
        pk=account.pk, state=Account.State.ACTIVE
    )
    if working.first() is None or _running(account, now) >= settings.CONNECTIONS_PER_ACCOUNT:
        return None
    candidates = Transfer.objects.filter(among, account=account).select_for_update(of=("self",))
    transfer = candidates.select_related("payload").order_by("next_attempt_at", "id").first()
    if transfer is None:
        return None
    transfer.account = account
    transfer.state = State.RUNNING
    transfer.token += 1
    transfer.lease_until = now + LEASE
    transfer.attempts_made += 1
    transfer.save(update_fields=["state", "token", "lease_until", "attempts_made"])
    _record(Action.TRANSFER_SENDING, transfer)
    return transfer


def _running(account: Account, now: datetime) -> int:
    return Transfer.objects.filter(
        account=account,
        direction=Direction.DELIVERY,
        state=State.RUNNING,
        lease_until__gte=now,
    ).count()


def advance(transfer: Transfer, step: Step, **facts: str | datetime | dict[str, str]) -> None:
    """Commit how far a delivery came, and ``facts`` about it, before the act that follows."""
    _write(transfer, step=step, lease_until=timezone.now() + LEASE, **facts)


class DeliveryLease:
    """Keeps the lease of the delivery under way; a client's heartbeat."""

    def __init__(self) -> None:
        self._transfer: Transfer | None = None
        self._renewed = 0.0

    def hold(self, transfer: Transfer) -> None:
        """Keep the lease of ``transfer`` from now on, which was claimed a moment ago."""
        self._transfer = transfer
        self._renewed = time.monotonic()

    def let_go(self) -> None:
        """Hold nothing any more: what follows on the connection belongs to no transfer."""
        self._transfer = None

    def renew_now_and_then(self) -> None:
        """Renew when a quarter of the lease is over. Raises LeaseLostError."""
        if self._transfer and time.monotonic() - self._renewed >= RENEW_AFTER_SECONDS:
            _write(self._transfer, lease_until=timezone.now() + LEASE)
            self._renewed = time.monotonic()


@transaction.atomic
def succeed(transfer: Transfer, attempt: TransferAttempt, *, now: datetime) -> None:
    """Note that the file stands whole under its final name."""
    _write(
        transfer,
        state=State.DONE,
        step=Step.FINAL,
        temporary_path="",
        error_code="",
        lease_until=None,
        next_attempt_at=None,
        finished_at=now,
    )
    attempt.save()
    # Look soon whether MAGDA picked it up.
    Account.objects.filter(
        pk=transfer.account_id, next_collection_at__gt=now + timedelta(seconds=5)
    ).update(next_collection_at=now + timedelta(seconds=5))
    _record(Action.TRANSFER_DELIVERED, transfer, {"sha256": transfer.sha256})


@transaction.atomic
def postpone(
    transfer: Transfer, attempt: TransferAttempt, *, state: State, until: datetime
) -> None:
    """Try again at ``until``: QUEUED when the account has to recover, else WAITING."""
    # What the account's trouble cost is not counted against the file.
    counted = transfer.attempts_made - (1 if state is State.QUEUED else 0)
    _write(
        transfer,
        state=state,
        attempts_made=counted,
        error_code=attempt.error_code,
        lease_until=None,
        next_attempt_at=until,
    )
    attempt.save()
    details: Details = {"error": attempt.error_code, "next": until.isoformat()}
    _record(Action.TRANSFER_POSTPONED, transfer, details)


@transaction.atomic
def fail(transfer: Transfer, attempt: TransferAttempt, *, now: datetime) -> None:
    """Give up; the name is free again."""
    _write(
        transfer,
        state=State.FAILED,
        holds_name=False,
        error_code=attempt.error_code,
        lease_until=None,
        next_attempt_at=None,
        finished_at=now,
    )
    attempt.save()
    _record(Action.TRANSFER_FAILED, transfer, {"error": attempt.error_code})


@transaction.atomic
def doubt(transfer: Transfer, attempt: TransferAttempt, *, now: datetime) -> None:
    """Say that the outcome can't be known; it is never repeated without a person."""
    _write(
        transfer,
        state=State.UNCERTAIN,
        error_code=attempt.error_code,
        lease_until=None,
        next_attempt_at=None,
        finished_at=now,
    )
    attempt.save()
    _record(Action.TRANSFER_UNCERTAIN, transfer, {"error": attempt.error_code})


def free_stalled_transfers(*, now: datetime) -> int:
    """Lay back what a worker left behind when its lease ran out; return how many.

    The next attempt reads ``step`` and looks at the server before it does anything. A transfer
    that cost worker after worker is given up, or left to a person when it may have arrived.
    """
    stalled = Transfer.objects.filter(
        direction=Direction.DELIVERY, state=State.RUNNING, lease_until__lt=now
    )
    return sum(_free(transfer, now) for transfer in stalled.select_related("account__identity"))


@transaction.atomic
def _free(transfer: Transfer, now: datetime) -> int:
    still_stalled = Transfer.objects.filter(
        pk=transfer.pk, token=transfer.token, state=State.RUNNING, lease_until__lt=now
    )
    if still_stalled.select_for_update(of=("self",)).first() is None:
        return 0
    attempt = TransferAttempt(
        transfer=transfer,
        number=transfer.attempts.count() + 1,
        started_at=transfer.lease_until or now,
        error_code="transfer.worker_lost",
    )
    if transfer.attempts_made < MOST_TRIES:
        # At once the first time; a transfer that ends its workers waits longer each time.
        failures = max(0, transfer.attempts_made - 1)
        pause = pause_after(failures, longest=LONGEST_TRANSFER_PAUSE) if failures else timedelta()
        postpone(transfer, attempt, state=State.WAITING, until=now + pause)
    elif transfer.step == Step.RENAME_ASKED:
        doubt(transfer, attempt, now=now)
    else:
        fail(transfer, attempt, now=now)
    _record(Action.TRANSFER_FREED, transfer)
    return 1


def _write(transfer: Transfer, **fields: Any) -> None:
    """Update the row as long as it is still ours. Raises LeaseLostError."""
    changed = Transfer.objects.filter(
        pk=transfer.pk, token=transfer.token, state=State.RUNNING
    ).update(**fields)
    if not changed:
        raise LeaseLostError(f"Transfer {transfer.pk} is no longer ours (token {transfer.token}).")
    for name, value in fields.items():
        setattr(transfer, name, value)


def _record(
    action: Action, transfer: Transfer, details: Details | None = None, *, actor: Actor = PORTAL
) -> None:
    record(
        action,
        actor=actor,
        organisation_id=transfer.account.organisation.pk,
        subject=Subject.row(transfer),
        details=details,
    )
