"""What a person should know first."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from exchange.models.transfer import Direction, State
from exchange.queries.accounts import AccountSummary, accounts_visible_to, summarise_account
from exchange.queries.transfers import answers_and_publications, transfers_visible_to
from magda_portal.people.models import Person

# Older failures are history, not news.
NEWS = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts over everything the person sees, and a line per account."""

    accounts: list[AccountSummary]
    on_their_way: int
    failed: int
    uncertain: int
    unopened: int

    @property
    def in_trouble(self) -> int:
        return sum(1 for summary in self.accounts if summary.trouble)


def overview_for(person: Person, *, now: datetime) -> Overview:
    transfers = transfers_visible_to(person).filter(direction=Direction.DELIVERY)
    unopened = answers_and_publications(person).filter(
        payload__first_opened_at=None, payload__erased_at=None
    )
    moving = [State.QUEUED, State.RUNNING, State.WAITING]
    return Overview(
        accounts=[summarise_account(row, now=now) for row in accounts_visible_to(person)],
        on_their_way=transfers.filter(state__in=moving).count(),
        failed=transfers.filter(state=State.FAILED, finished_at__gt=now - NEWS).count(),
        uncertain=transfers.filter(state=State.UNCERTAIN).count(),
        unopened=unopened.count(),
    )
