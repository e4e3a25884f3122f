"""Everything that the overview knows; what it says of that is decided elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from certificates.queries.alarms import OpenAlarm
from exchange.models import Account, Transfer
from exchange.queries.accounts import AccountSummary
from exchange.queries.looking import Look
from exchange.queries.overview.days import Day
from exchange.queries.overview.egress import Egress
from exchange.queries.overview.ends import End
from exchange.queries.overview.incidents import Incident
from exchange.queries.overview.machinery import Machinery
from exchange.queries.overview.tallies import Kind, Tally, number_of
from magda_portal.people.models import Role


@dataclass(frozen=True, slots=True)
class Facts:
    """What a person sees, read once.

    ``accounts`` are those of the person's own organisations and, for the helpdesk, all others that
    ask for attention.
    """

    roles: frozenset[Role]
    is_helpdesk: bool
    own_organisations: frozenset[int]
    clerk_of: frozenset[int]
    accounts: Sequence[AccountSummary]
    tallies: Sequence[Tally]
    # About the servers of these accounts.
    alarms: Sequence[OpenAlarm]
    days: Sequence[Day]
    # Files that MAGDA removes within a week, unkept, and those of them with under three days left.
    at_risk: int
    alarming: int
    # For a clerk: what moves now, a few of it.
    moving: Sequence[Transfer] = ()
    # For an administrator.
    ends: Sequence[End] = ()
    egress: Sequence[Egress] = ()
    # For the helpdesk.
    incidents: Sequence[Incident] = ()
    # For both of them.
    machinery: Machinery | None = field(default=None)

    def own(self, *kinds: Kind) -> int:
        """Return how many there are where the person is a clerk."""
        mine = [tally for tally in self.tallies if tally.organisation_id in self.clerk_of]
        return number_of(mine, *kinds)

    @property
    def own_accounts(self) -> list[AccountSummary]:
        return [
            summary
            for summary in self.accounts
            if summary.account.organisation.pk in self.own_organisations
        ]

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
