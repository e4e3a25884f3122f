"""What all leases share: how long they hold, by whose clock, and when their holder stops.

In the database a lease ends by the database's clock, so that workers whose clocks differ agree.
Its holder counts too, with a clock that nobody sets and that goes on while the machine sleeps: once
that says that the lease is over, another may have taken it, and the holder does nothing more.
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta

from django.db import DatabaseError, close_old_connections
from django.db.models import Q
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
RENEW_AFTER_SECONDS = 15.0

_STEADY_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def lease_end() -> CombinedExpression:
    """Return when a lease ends that is taken or renewed now, as an expression of the database."""
    return Now() + LEASE


def is_over(column: str) -> Q:
    """Return the condition that the lease in ``column`` has run out; false where there is none."""
    return Q(**{f"{column}__lt": Now()})


def is_free(column: str) -> Q:
    """Return the condition that nobody has the lease in ``column``."""
    return Q(**{column: None}) | is_over(column)


def steady_seconds() -> float:
    """Return seconds by a clock that is never set and counts while the machine sleeps."""
    return time.clock_gettime(_STEADY_CLOCK)


class LeaseTimer:
    """Renews a lease now and then, and stops its holder once it is over.

    ``renew`` writes to the database and raises ``lost`` when another has taken the lease.
    ``taken_at`` is when the database was asked for it, by :func:`steady_seconds`.
    """

    def __init__(
        self,
        renew: Callable[[], None],
        *,
        lost: type[Exception],
        taken_at: float,
        clock: Callable[[], float] = steady_seconds,
    ) -> None:
        self._renew = renew
        self._lost = lost
        self._clock = clock
        self._since = taken_at

    def renew(self) -> None:
        """Renew at once. Raises the error that says the lease is lost, or DatabaseError."""
        # Read before the database is asked, so that we never count on more than it granted.
        asked_at = self._clock()
        self._renew()
        self._since = asked_at

    def keep(self) -> None:
        """Renew when a quarter of the lease is over; costs nothing before. Raises as lost.

        A database that is away is no reason to stop, as long as the lease still holds.
        """
        age = self._clock() - self._since
        if age >= LEASE.total_seconds():
            raise self._lost(f"The lease ended {age - LEASE.total_seconds():.0f} s ago.")
        if age >= RENEW_AFTER_SECONDS:
            try:
                self.renew()
            except DatabaseError as exc:
                logger.warning("A lease could not be renewed: %s.", type(exc).__name__)
                close_old_connections()
