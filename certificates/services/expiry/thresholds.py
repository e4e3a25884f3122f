"""At how many days before the end people are warned."""

from datetime import datetime, timedelta

from certificates.advice.expiring import Situation
from certificates.models import Expiring
from certificates.queries.expiring import ExpiringThing

THRESHOLDS = (0, 1, 3, 7, 14, 30, 60)
"""Days before expiry at which people are warned; 0 is once it has expired."""


def passed_thresholds(not_after: datetime, now: datetime) -> list[int]:
    """Return the thresholds that something ending at ``not_after`` has passed, tightest first."""
    if not_after <= now:
        return list(THRESHOLDS)
    days = (not_after - now) // timedelta(days=1)
    return [threshold for threshold in THRESHOLDS if threshold > 0 and days <= threshold]


def thresholds_to_tell(thing: ExpiringThing) -> list[int]:
    """Return the thresholds to warn of now, tightest first; none for what breaks nothing.

    A server's own certificate is its owner's to renew, so it is told of once it has expired; one
    that is pinned is told of as the trust anchor that it is. Revocation lists are replaced every
    few days, and their page shows one that is overdue.
    """
    is_told_elsewhere = thing.kind == Expiring.LIST or thing.situation == Situation.SERVER_PINNED
    if not thing.in_use or is_told_elsewhere:
        return []
    if thing.kind == Expiring.SERVER:
        return [0] if thing.has_expired else []
    return passed_thresholds(thing.not_after, thing.at)
