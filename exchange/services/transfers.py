"""The state machine of a delivery, as its worker drives it: claim, advance, and one outcome.

A claim sets a lease and raises the token; every later write names that token, so a worker that
lost its lease can't write over its successor: it gets LeaseLostError instead.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from exchange.models import Account, Transfer, TransferAttempt
from exchange.models.transfer import Direction, State, Step
from exchange.services.troubles import PORTAL
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
    """Claim the oldest delivery of ``account`` that matches ``among``; None when there is none."""
    candidates = Transfer.objects.filter(among, account=account).order_by("id")
    candidates = candidates.select_for_update(
        skip_locked=connection.features.has_select_for_update_skip_locked, of=("self",)
    )
    transfer = candidates.select_related("payload").first()
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


def advance(transfer: Transfer, step: Step, **facts: str | datetime | dict[str, str]) -> None:
    """Commit how far a delivery came, and ``facts`` about it, before the act that follows."""
    _write(transfer, step=step, lease_until=timezone.now() + LEASE, **facts)


def lease_renewal(transfer: Transfer) -> Callable[[int], None]:
    """Return a progress callback that renews the lease now and then.

    It raises LeaseLostError, which aborts the transfer under way.
    """
    renewed = time.monotonic()

    def renew(_bytes_so_far: int) -> None:
        nonlocal renewed
        if time.monotonic() - renewed >= RENEW_AFTER_SECONDS:
            _write(transfer, lease_until=timezone.now() + LEASE)
            renewed = time.monotonic()

    return renew


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


@transaction.atomic
def free_stalled_transfers(*, now: datetime) -> int:
    """Queue again what a worker left behind when its lease ran out; return how many.

    The next attempt reads ``step`` and looks at the server before it does anything.
    """
    stalled = Transfer.objects.filter(state=State.RUNNING, lease_until__lt=now)
    freed = 0
    for transfer in stalled.select_related("account__identity"):
        changed = Transfer.objects.filter(
            pk=transfer.pk, token=transfer.token, state=State.RUNNING, lease_until__lt=now
        ).update(
            state=State.WAITING,
            error_code="transfer.worker_lost",
            lease_until=None,
            next_attempt_at=now,
        )
        if changed:
            _record(Action.TRANSFER_FREED, transfer)
        freed += changed
    return freed


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
