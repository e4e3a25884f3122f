"""At most so many connections of one account at a time, over all workers.

MAGDA's server is shared, and a server that limits connections refuses whole logins. Whoever
connects holds a slot; a slot whose holder died is free again when its lease is over.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DatabaseError
from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import Now

from exchange.models import Account, ConnectionSlot
from exchange.services.lease_clock import LeaseTimer, is_free, lease_end, steady_seconds

logger = logging.getLogger(__name__)


class SlotLostError(Exception):
    """Another has taken this connection's place; stop, and send nothing more."""


class Slot:
    """The right to hold one connection, as long as its token is the newest."""

    def __init__(self, row: ConnectionSlot, *, taken_at: float) -> None:
        self._row = row
        self._timer = LeaseTimer(self._write, lost=SlotLostError, taken_at=taken_at)

    def renew_now_and_then(self) -> None:
        """Renew when a quarter of the lease is over; a client's heartbeat. Raises SlotLostError."""
        self._timer.keep()

    def give_back(self) -> None:
        """Let another connect; does nothing when the slot was lost."""
        self._mine().update(lease_until=None)

    def _write(self) -> None:
        if not self._mine().update(lease_until=lease_end()):
            raise SlotLostError(f"Connection slot {self._row} was taken by another.")

    def _mine(self) -> QuerySet[ConnectionSlot]:
        return ConnectionSlot.objects.filter(pk=self._row.pk, token=self._row.token)


@contextmanager
def hold_slot(account: Account, *, for_collection: bool = False) -> Iterator[Slot | None]:
    """Hold the right to connect while the block runs; None when the account has none left.

    Deliveries leave the last one to a collection that is due.
    """
    slot = _take(account, leaving=0 if for_collection else _kept_for_collection(account))
    try:
        yield slot
    finally:
        if slot is not None:
            try:
                slot.give_back()
            except DatabaseError as exc:
                # It runs out by itself, and what the block raised matters more.
                logger.warning("A connection slot was not given back: %s.", type(exc).__name__)


def collection_waits(account: Account) -> bool:
    """Return whether a collection is due that finds no connection left."""
    return bool(_kept_for_collection(account)) and not _free(account)


def _kept_for_collection(account: Account) -> int:
    """Return 1 while a collection is due that nobody runs, where there is more than one slot."""
    due = Account.objects.filter(
        is_free("collection_lease_until"),
        Q(paused_until=None) | Q(paused_until__lte=Now()),
        pk=account.pk,
        next_collection_at__lte=Now(),
    )
    return int(settings.CONNECTIONS_PER_ACCOUNT > 1 and due.exists())


def _take(account: Account, *, leaving: int) -> Slot | None:
    free = _free(account)
    for row in free[: max(0, len(free) - leaving)]:
        taken_at = steady_seconds()
        # One conditional UPDATE: of two that saw the same slot free, one gets it.
        taken = ConnectionSlot.objects.filter(is_free("lease_until"), pk=row.pk, token=row.token)
        if taken.update(token=F("token") + 1, lease_until=lease_end()):
            row.token += 1
            return Slot(row, taken_at=taken_at)
    return None


def _free(account: Account) -> list[ConnectionSlot]:
    numbers = range(1, settings.CONNECTIONS_PER_ACCOUNT + 1)
    slots = ConnectionSlot.objects.filter(account=account, number__in=numbers).annotate(
        free_now=ExpressionWrapper(is_free("lease_until"), output_field=BooleanField())
    )
    rows = list(slots)
    if len(rows) < len(numbers):
        ConnectionSlot.objects.bulk_create(
            [ConnectionSlot(account=account, number=number) for number in numbers],
            ignore_conflicts=True,
        )
        rows = list(slots.all())
    return [row for row in rows if row.free_now]
