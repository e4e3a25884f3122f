"""What a step of an administrator means for the files of an account."""

from exchange.models import Account
from exchange.models.transfer import Direction, State


def deliveries_under_way(account: Account) -> int:
    """Return how many requests of ``account`` have yet to reach MAGDA."""
    return account.transfers.filter(
        direction=Direction.DELIVERY, state__in=[State.QUEUED, State.RUNNING, State.WAITING]
    ).count()
