"""The state machine of a delivery, as its worker drives it: advance, and one outcome.

The claim (:mod:`exchange.services.claims`) raised the token; every later write names it, so a
worker that lost its lease can't write over its successor: it gets LeaseLostError instead.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from exchange.models import Account, Transfer, TransferAttempt
from exchange.models.transfer import State, Step
from exchange.services.lease_clock import lease_end
from exchange.services.troubles import PORTAL
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Details, Subject, record


class LeaseLostError(Exception):
    """Another worker has taken this transfer over; stop, and write nothing."""


def advance(transfer: Transfer, step: Step, **facts: str | datetime | dict[str, str]) -> None:
    """Commit how far a delivery came, and ``facts`` about it, before the act that follows."""
    write_held(transfer, step=step, lease_until=lease_end(), **facts)


@transaction.atomic
def succeed(transfer: Transfer, attempt: TransferAttempt, *, now: datetime) -> None:
    """Note that the file stands whole under its final name."""
    was_at = transfer.temporary_path
    write_held(
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
    # The temporary file carries the final name now. Others of this transfer stay entered.
    unwatched = Q(watch_until=None) | Q(watch_until__lte=now)
    transfer.temporary_files.filter(unwatched, path=was_at).delete()
    # Look soon whether MAGDA picked it up.
    Account.objects.filter(
        pk=transfer.account_id, next_collection_at__gt=now + timedelta(seconds=5)
    ).update(next_collection_at=now + timedelta(seconds=5))
    record_of(Action.TRANSFER_DELIVERED, transfer, {"sha256": transfer.sha256})


@transaction.atomic
def postpone(transfer: Transfer, attempt: TransferAttempt, *, until: datetime) -> None:
    """Wait, and try again at ``until``."""
    _end_attempt(transfer, attempt, state=State.WAITING, next_attempt_at=until)
    _record_next_try(transfer, attempt, until)


@transaction.atomic
def lay_back(transfer: Transfer, attempt: TransferAttempt, *, now: datetime) -> None:
    """Queue it again: the account has to recover, and it goes as soon as that works.

    What the account's trouble cost is not counted against the file.
    """
    counted = transfer.attempts_made - 1
    _end_attempt(transfer, attempt, state=State.QUEUED, next_attempt_at=now, attempts_made=counted)
    _record_next_try(transfer, attempt, transfer.account.paused_until or now)


@transaction.atomic
def fail(transfer: Transfer, attempt: TransferAttempt, *, now: datetime) -> None:
    """Give up; the name is free again."""
    write_held(
        transfer,
        state=State.FAILED,
        holds_name=False,
        error_code=attempt.error_code,
        lease_until=None,
        next_attempt_at=None,
        finished_at=now,
    )
    attempt.save()
    record_of(Action.TRANSFER_FAILED, transfer, {"error": attempt.error_code})


@transaction.atomic
def doubt(transfer: Transfer, attempt: TransferAttempt, *, now: datetime) -> None:
    """Say that the outcome can't be known; it is never repeated without a person."""
    write_held(
        transfer,
        state=State.UNCERTAIN,
        error_code=attempt.error_code,
        lease_until=None,
        next_attempt_at=None,
        finished_at=now,
    )
    attempt.save()
    record_of(Action.TRANSFER_UNCERTAIN, transfer, {"error": attempt.error_code})


def _end_attempt(
    transfer: Transfer,
    attempt: TransferAttempt,
    *,
    state: State,
    next_attempt_at: datetime,
    **more: int,
) -> None:
    write_held(
        transfer,
        state=state,
        error_code=attempt.error_code,
        lease_until=None,
        next_attempt_at=next_attempt_at,
        **more,
    )
    attempt.save()


def _record_next_try(transfer: Transfer, attempt: TransferAttempt, at: datetime) -> None:
    details: Details = {"error": attempt.error_code, "next": at.isoformat()}
    record_of(Action.TRANSFER_POSTPONED, transfer, details)


def write_held(transfer: Transfer, **fields: Any) -> None:
    """Update the row of a running delivery as long as it is still ours. Raises LeaseLostError."""
    changed = Transfer.objects.filter(
        pk=transfer.pk, token=transfer.token, state=State.RUNNING
    ).update(**fields)
    if not changed:
        raise LeaseLostError(f"Transfer {transfer.pk} is no longer ours (token {transfer.token}).")
    for name, value in fields.items():
        # The end of a lease is counted by the database and known only there.
        if name != "lease_until":
            setattr(transfer, name, value)


def record_of(
    action: Action, transfer: Transfer, details: Details | None = None, *, actor: Actor = PORTAL
) -> None:
    """Record what happened to ``transfer``."""
    record(
        action,
        actor=actor,
        organisation_id=transfer.account.organisation.pk,
        subject=Subject.row(transfer),
        details=details,
    )
