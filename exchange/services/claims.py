"""Claim a delivery: one conditional UPDATE sets a lease and raises the token."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet

from exchange.models import Account, Transfer
from exchange.models.transfer import Direction, State
from exchange.services.lease_clock import LeaseTimer, lease_end
from exchange.services.transfers import LeaseLostError, record_of, write_held
from magda_portal.audit.actions import Action

# Of two workers that see the same row due one gets it, and the other goes on to the next.
_LOOKED_AT = 20


def due_deliveries(now: datetime) -> Q:
    """Return what a delivery that may be claimed at ``now`` looks like."""
    return Q(
        direction=Direction.DELIVERY,
        state__in=[State.QUEUED, State.WAITING],
        next_attempt_at__lte=now,
    )


def claim_next(account: Account, *, among: Q) -> Transfer | None:
    """Claim the oldest delivery of ``account`` that matches ``among``.

    ``among`` speaks of the transfer's own columns. Returns None when there is none, or the account
    is suspended.
    """
    if not Account.objects.filter(pk=account.pk, state=Account.State.ACTIVE).exists():
        return None
    claimable = Transfer.objects.filter(
        among,
        account=account,
        direction=Direction.DELIVERY,
        state__in=[State.QUEUED, State.WAITING],
    )
    for seen in list(claimable.order_by("id").only("token")[:_LOOKED_AT]):
        if transfer := _claim(account, claimable, seen):
            return transfer
    return None


@transaction.atomic
def _claim(account: Account, claimable: QuerySet[Transfer], seen: Transfer) -> Transfer | None:
    # No join in this UPDATE: PostgreSQL would look at its conditions with the eyes of before, once
    # it has waited for another worker's claim of the same row, and both would have it.
    if not claimable.filter(pk=seen.pk, token=seen.token).update(
        state=State.RUNNING,
        token=F("token") + 1,
        lease_until=lease_end(),
        attempts_made=F("attempts_made") + 1,
    ):
        return None
    transfer = Transfer.objects.select_related("payload").get(pk=seen.pk)
    transfer.account = account
    record_of(Action.TRANSFER_SENDING, transfer)
    return transfer


class DeliveryLease:
    """Keeps the lease of the delivery under way; a client's heartbeat."""

    def __init__(self) -> None:
        self._timer: LeaseTimer | None = None

    def hold(self, transfer: Transfer, *, claimed_at: float) -> None:
        """Keep the lease of ``transfer`` from now on.

        ``claimed_at`` is when its claim was asked for, by
        :func:`~exchange.services.lease_clock.steady_seconds`.
        """
        self._timer = LeaseTimer(
            lambda: write_held(transfer, lease_until=lease_end()),
            lost=LeaseLostError,
            taken_at=claimed_at,
        )

    def let_go(self) -> None:
        """Hold nothing any more: what follows on the connection belongs to no transfer."""
        self._timer = None

    def renew_now_and_then(self) -> None:
        """Renew when a quarter of the lease is over.

        Raises LeaseLostError, also when the lease is over by our own clock.
        """
        if self._timer:
            self._timer.keep()
