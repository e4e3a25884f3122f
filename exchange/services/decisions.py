"""What a person decides about a transfer: cancel it, try it again, settle an uncertain one."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from exchange.errors import StateError
from exchange.models import Transfer
from exchange.models.transfer import Direction, State, Step
from exchange.remote import RETENTION
from exchange.services.reasons import why_no_reason
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Details, Subject, record


def why_not_cancelled(transfer: Transfer) -> str:
    """Return the code of what keeps ``transfer`` from being cancelled; empty when nothing does.

    Once its rename was asked it may stand on the server, and may be picked up within a second.
    """
    if transfer.state == State.CANCELLED:
        return "transfer.cancelled_already"
    if transfer.direction != Direction.DELIVERY or transfer.state in Transfer.SETTLED:
        return "transfer.cannot_cancel"
    if transfer.step == Step.RENAME_ASKED:
        return "transfer.rename_asked"
    return "transfer.being_sent" if transfer.state == State.RUNNING else ""


@transaction.atomic
def cancel(transfer: Transfer, *, actor: Actor) -> None:
    """Cancel a delivery that is not on its way.

    Raises StateError with the code of :func:`why_not_cancelled`. Against a worker that claims it at
    the same moment, one of both wins: each changes the row only as long as it is in its old state.
    """
    changed = (
        Transfer.objects.filter(
            pk=transfer.pk, direction=Direction.DELIVERY, state__in=[State.QUEUED, State.WAITING]
        )
        .exclude(step=Step.RENAME_ASKED)
        .update(
            state=State.CANCELLED,
            holds_name=False,
            # What made it wait stays with the attempts; nothing is wrong with it any more.
            error_code="",
            next_attempt_at=None,
            finished_at=timezone.now(),
        )
    )
    if not changed:
        transfer.refresh_from_db(fields=["state", "step"])
        raise StateError(why_not_cancelled(transfer) or "transfer.cannot_cancel")
    _record(Action.TRANSFER_CANCELLED, transfer, actor)


def may_have_arrived(transfer: Transfer) -> bool:
    """Return whether trying a failed delivery again may be a second consultation.

    Its rename was asked once; that it did not arrive is a person's word.
    """
    return transfer.state == State.FAILED and transfer.rename_asked_at is not None


def retry(transfer: Transfer, *, actor: Actor) -> None:
    """Try a failed delivery again, or a waiting one at once. Raises StateError."""
    now = timezone.now()
    try:
        with transaction.atomic():
            deliveries = Transfer.objects.filter(pk=transfer.pk, direction=Direction.DELIVERY)
            # Nobody claims it while its state and its content are looked at.
            deliveries.select_for_update(of=("self",)).first()
            _require_name_not_used_since(transfer, now)
            changed = deliveries.filter(state=State.WAITING).update(next_attempt_at=now)
            changed = changed or _queue_failed_again(transfer, now)
            _require(changed, "transfer.cannot_retry")
            _record(Action.TRANSFER_RETRIED, transfer, actor)
    except IntegrityError as exc:
        raise StateError("name.held") from exc


def _require_name_not_used_since(transfer: Transfer, now: datetime) -> None:
    """Refuse when a later delivery brought its name to MAGDA within the retention period."""
    later = Transfer.objects.filter(
        account_id=transfer.account_id,
        direction=Direction.DELIVERY,
        final_name=transfer.final_name,
        state=State.DONE,
        pk__gt=transfer.pk,
        finished_at__gt=now - RETENTION,
    )
    if transfer.state == State.FAILED and later.exists():
        raise StateError("name.held")


def _queue_failed_again(transfer: Transfer, now: datetime) -> int:
    return Transfer.objects.filter(
        pk=transfer.pk,
        direction=Direction.DELIVERY,
        state=State.FAILED,
        payload__erased_at__isnull=True,
    ).update(
        state=State.QUEUED,
        # It begins anew: what the last attempt had asked for was looked into before it failed.
        step=Step.NONE,
        holds_name=True,
        next_attempt_at=now,
        attempts_made=0,
        finished_at=None,
        error_code="",
    )


@transaction.atomic
def settle(transfer: Transfer, *, arrived: bool, reason: str, actor: Actor) -> None:
    """Decide an uncertain delivery, with the reason that the history keeps.

    Raises StateError: ``transfer.not_uncertain``, or ``transfer.reason_short`` and
    ``transfer.reason_long`` for a reason that is no sentence.
    """
    if code := why_no_reason(reason):
        raise StateError(code)
    changed = Transfer.objects.filter(pk=transfer.pk, state=State.UNCERTAIN).update(
        state=State.DONE if arrived else State.FAILED,
        holds_name=arrived,
        step=Step.FINAL if arrived else Step.NONE,
        # What kept the portal from knowing stays with the attempts.
        error_code="" if arrived else "delivery.not_arrived",
    )
    _require(changed, "transfer.not_uncertain")
    outcome = "arrived" if arrived else "did not arrive"
    _record(Action.TRANSFER_SETTLED, transfer, actor, {"outcome": outcome, "reason": reason})


def _require(changed: int, code: str) -> None:
    if not changed:
        raise StateError(code)


def _record(
    action: Action, transfer: Transfer, actor: Actor, details: Details | None = None
) -> None:
    record(
        action,
        actor=actor,
        organisation_id=transfer.account.organisation.pk,
        subject=Subject.row(transfer),
        details=details,
    )
