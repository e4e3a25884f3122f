"""What a person should know first: what there is to do, and how things stand.

At most twelve queries for a page, whatever the number of rows and roles; see the modules.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils import timezone

from certificates.queries.alarms import open_alarms
from exchange.models import Account, Transfer
from exchange.models.transfer import Direction, State
from exchange.queries.accounts import AccountSummary
from exchange.queries.deadlines import alarming, files_at_risk
from exchange.queries.looking import Look
from exchange.queries.overview.accounts import summaries_for
from exchange.queries.overview.days import Day, transfers_by_day
from exchange.queries.overview.egress import Egress, egress_addresses
from exchange.queries.overview.ends import End, ends_of
from exchange.queries.overview.facts import Facts
from exchange.queries.overview.incidents import Incident, incidents
from exchange.queries.overview.machinery import machinery
from exchange.queries.overview.needs import Need, needs_of
from exchange.queries.overview.tallies import (
    BACKLOG,
    MOVING,
    Kind,
    Scope,
    number_of,
    oldest_of,
    tallies,
)
from exchange.queries.transfers import files_still_at_magda
from magda_portal.people.access import organisations_seen_by, organisations_where, roles_of
from magda_portal.people.models import Person, Role

__all__ = ["Day", "Egress", "End", "Incident", "Kind", "Need", "Overview", "overview_for"]

SHOWN_ACCOUNTS: Final = 12
SHOWN_MOVING: Final = 5
# So many are told in full; more are a list.
TOLD_LOOKS: Final = 3
SHOWN_LOOKS: Final = 10
SHOWN_INCIDENTS: Final = 20


@dataclass(frozen=True, slots=True)
class Overview:
    """The facts, and what they mean for the person."""

    facts: Facts
    needs: list[Need]

    @property
    def is_clerk(self) -> bool:
        return Role.CLERK in self.facts.roles

    @property
    def is_administrator(self) -> bool:
        return Role.ADMINISTRATOR in self.facts.roles

    @property
    def on_their_way(self) -> int:
        return number_of(self.facts.tallies, *MOVING)

    @property
    def own_on_their_way(self) -> int:
        return self.facts.own(*MOVING)

    @property
    def awaited(self) -> int:
        """The person's requests that MAGDA has and did not answer yet."""
        return self.facts.own(Kind.AWAITED)

    @property
    def backlog(self) -> int:
        return number_of(self.facts.tallies, *BACKLOG)

    @property
    def backlog_since(self) -> datetime | None:
        return oldest_of(self.facts.tallies, BACKLOG)

    @property
    def in_trouble(self) -> int:
        return sum(1 for summary in self.facts.accounts if summary.stands_still)

    @property
    def incidents(self) -> list[Incident]:
        return list(self.facts.incidents[:SHOWN_INCIDENTS])

    @property
    def more_incidents(self) -> int:
        return len(self.facts.incidents) - len(self.incidents)

    @property
    def told_looks(self) -> list[Look]:
        """The overdue looks, when they are few enough to tell each in full."""
        overdue = self.facts.overdue
        return overdue if len(overdue) <= TOLD_LOOKS else []

    @property
    def listed_looks(self) -> list[Look]:
        """The beginning of the overdue looks, when they are many."""
        return [] if self.told_looks else self.facts.overdue[:SHOWN_LOOKS]

    @property
    def more_looks(self) -> int:
        overdue = self.facts.overdue
        return len(overdue) - len(self.told_looks) - len(self.listed_looks)

    @property
    def shown_accounts(self) -> list[AccountSummary]:
        """The person's own, those in trouble first; others are told of under trouble."""
        return self.facts.own_accounts[:SHOWN_ACCOUNTS]

    @property
    def more_accounts(self) -> int:
        return len(self.facts.own_accounts) - len(self.shown_accounts)


def overview_for(person: Person, *, now: datetime) -> Overview:
    """Read what ``person`` may see, and say what it means."""
    facts = _facts(person, now)
    return Overview(facts, needs_of(facts))


def _facts(person: Person, now: datetime) -> Facts:
    roles = roles_of(person)
    is_administrator = Role.ADMINISTRATOR in roles
    seen = organisations_seen_by(person)
    administered = organisations_where(person, Role.ADMINISTRATOR)
    found = tallies(
        Scope(
            person=person,
            seen=seen,
            clerk_of=organisations_where(person, Role.CLERK) if Role.CLERK in roles else None,
            administrator_of=administered if is_administrator else None,
        ),
        now=now,
    )
    accounts = summaries_for(person, found, now=now)
    managed = [
        summary
        for summary in accounts
        if summary.account.organisation.pk in _organisations(person, Role.ADMINISTRATOR)
    ]
    files = files_at_risk(files_still_at_magda(person), today=timezone.localdate(now))
    looks_after = is_administrator or person.is_helpdesk
    return Facts(
        roles=roles,
        is_helpdesk=person.is_helpdesk,
        own_organisations=_organisations(person, *Role),
        clerk_of=_organisations(person, Role.CLERK),
        accounts=accounts,
        tallies=found,
        alarms=open_alarms(person),
        days=transfers_by_day(seen, now=now),
        at_risk=len(files),
        alarming=len(alarming(files)),
        moving=_moving(person, accounts) if Role.CLERK in roles else (),
        ends=ends_of(administered, managed, now=now) if is_administrator else (),
        egress=egress_addresses(found, managed),
        incidents=incidents(accounts, found) if person.is_helpdesk else (),
        machinery=machinery(now=now) if looks_after else None,
    )


def _organisations(person: Person, *roles: Role) -> frozenset[int]:
    """Return where ``person`` has one of ``roles``, from what :func:`roles_of` read."""
    memberships = person.memberships.all()
    return frozenset(each.organisation_id for each in memberships if each.role in roles)


def _moving(person: Person, summaries: list[AccountSummary]) -> list[Transfer]:
    """Return the newest requests that are on their way, where ``person`` is a clerk."""
    rows = Transfer.objects.filter(
        account__identity__organisation__in=organisations_where(person, Role.CLERK),
        direction=Direction.DELIVERY,
        state__in=[State.QUEUED, State.RUNNING, State.WAITING],
    )
    accounts: dict[object, Account] = {each.account.pk: each.account for each in summaries}
    found = list(rows.order_by("-pk")[:SHOWN_MOVING])
    for transfer in found:
        if account := accounts.get(transfer.account_id):
            # Read already, with all that its stage depends on.
            transfer.account = account
    return found
