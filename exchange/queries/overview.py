"""What a person should know first."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from certificates.queries.alarms import OpenAlarm, open_alarms
from exchange.models import Account
from exchange.models.transfer import Direction, State
from exchange.queries.accounts import AccountSummary, accounts_visible_to, summarise_account
from exchange.queries.deadlines import alarming, files_at_risk
from exchange.queries.looking import Look
from exchange.queries.transfers import (
    answers_and_publications,
    files_still_at_magda,
    transfers_visible_to,
)
from magda_portal.people.models import Person

# Older failures are history, not news.
NEWS = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts over everything the person sees, and a line per account."""

    accounts: list[AccountSummary]
    # About the servers of these accounts.
    alarms: list[OpenAlarm]
    on_their_way: int
    failed: int
    uncertain: int
    unopened: int
    # Files that MAGDA removes within a week, unkept, and those of them with under three days left.
    at_risk: int
    alarming: int

    @property
    def in_trouble(self) -> int:
        return sum(1 for summary in self.accounts if summary.stands_still)

    @property
    def stepped_back(self) -> list[Account]:
        """Those whose new certificate was refused and waits as the next."""
        accounts = (summary.account for summary in self.accounts)
        return [account for account in accounts if account.next_was_rejected]

    @property
    def overdue(self) -> list[Look]:
        """The accounts that we should have looked at, and could not; the longest ago first."""
        looks = [summary.look for summary in self.accounts if summary.look.is_overdue]
        return sorted(looks, key=lambda look: look.since)

    @property
    def losing(self) -> list[Look]:
        """Those of :attr:`overdue` whose files may be lost within days."""
        return [look for look in self.overdue if look.is_alarming]


def overview_for(person: Person, *, now: datetime) -> Overview:
    transfers = transfers_visible_to(person).filter(direction=Direction.DELIVERY)
    unopened = answers_and_publications(person).filter(
        payload__first_opened_at=None, payload__erased_at=None
    )
    files = files_at_risk(files_still_at_magda(person), today=timezone.localdate(now))
    moving = [State.QUEUED, State.RUNNING, State.WAITING]
    return Overview(
        accounts=[summarise_account(row, now=now) for row in accounts_visible_to(person)],
        alarms=open_alarms(person),
        on_their_way=transfers.filter(state__in=moving).count(),
        failed=transfers.filter(state=State.FAILED, finished_at__gt=now - NEWS).count(),
        uncertain=transfers.filter(state=State.UNCERTAIN).count(),
        unopened=unopened.count(),
        at_risk=len(files),
        alarming=len(alarming(files)),
    )
