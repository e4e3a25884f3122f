"""Open trouble grouped by cause: one incident, not forty rows."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from exchange.advice import advice_for
from exchange.queries.accounts import AccountSummary
from exchange.queries.overview.tallies import MOVING, Kind, Tally
from magda_portal.web.advice import Advice

# Names that fit in a sentence; the others are counted.
_NAMED: Final = 3
_STAGES: Final = {Kind.FAILED: "failed", Kind.UNCERTAIN: "uncertain", Kind.WAITING: "waiting"}


@dataclass(frozen=True, slots=True)
class Cause:
    """The same error at the same server is one cause, whoever meets it."""

    code: str
    environment: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Incident:
    """One cause, whom it concerns, since when, and the page that tells more.

    ``stands_still`` says that accounts can't exchange anything; else single files are concerned.
    """

    cause: Cause
    accounts: tuple[str, ...]
    organisations: int
    transfers: int
    since: datetime | None
    stands_still: bool
    is_uncertain: bool
    link: str

    @property
    def advice(self) -> Advice:
        told = advice_for(self.cause.code)
        if self.is_uncertain:
            # The portal has stopped looking, whatever the code promises elsewhere.
            return Advice(told.what, _("A clerk asks MAGDA, and decides on the transfer's page."))
        return told

    @property
    def tone(self) -> str:
        return "bad" if self.stands_still else "attention"

    @property
    def named(self) -> tuple[str, ...]:
        return self.accounts[:_NAMED]

    @property
    def unnamed(self) -> int:
        """How many more accounts there are than ``named`` says."""
        return len(self.accounts) - len(self.named)


def incidents(summaries: Iterable[AccountSummary], found: Iterable[Tally]) -> list[Incident]:
    """Return the causes of trouble: those that stop most accounts first, then most transfers."""
    groups: dict[Cause, _Group] = {}
    for summary in summaries:
        if summary.stands_still:
            groups.setdefault(_cause_of(summary), _Group()).add_account(summary)
    for tally in found:
        if tally.code and (tally.kind in _STAGES or tally.kind in MOVING):
            groups.setdefault(_cause_behind(tally), _Group()).add_transfers(tally)
    made = [group.incident(cause) for cause, group in groups.items()]
    return sorted(made, key=_weight)


def _cause_of(summary: AccountSummary) -> Cause:
    account = summary.account
    code = summary.not_ready_code or account.trouble_code
    return Cause(code, account.environment, account.host, account.port)


def _cause_behind(tally: Tally) -> Cause:
    return Cause(tally.code, tally.environment, tally.host, tally.port)


def _weight(incident: Incident) -> tuple[bool, int, int, str, str]:
    cause = incident.cause
    return (
        not incident.stands_still,
        -len(incident.accounts),
        -incident.transfers,
        cause.code,
        cause.host,
    )


@dataclass(slots=True)
class _Group:
    """What is gathered of one cause."""

    accounts: dict[Any, str] = field(default_factory=dict)
    organisations: set[int] = field(default_factory=set)
    kinds: set[Kind] = field(default_factory=set)
    transfers: int = 0
    since: datetime | None = None
    stands_still: bool = False

    def add_account(self, summary: AccountSummary) -> None:
        account = summary.account
        self.stands_still = True
        self._add(account.pk, account.name, account.organisation.pk, account.trouble_since)

    def add_transfers(self, tally: Tally) -> None:
        self.transfers += tally.number
        self.kinds.add(tally.kind)
        self._add(tally.account_id, tally.account, tally.organisation_id, tally.since)

    def _add(
        self, account_id: Any, name: str, organisation_id: int, since: datetime | None
    ) -> None:
        self.accounts[account_id] = name
        self.organisations.add(organisation_id)
        self.since = min((at for at in (self.since, since) if at), default=None)

    def incident(self, cause: Cause) -> Incident:
        return Incident(
            cause=cause,
            accounts=tuple(sorted(self.accounts.values())),
            organisations=len(self.organisations),
            transfers=self.transfers,
            since=self.since,
            stands_still=self.stands_still,
            is_uncertain=self.kinds == {Kind.UNCERTAIN} and not self.stands_still,
            link=self._link(cause),
        )

    def _link(self, cause: Cause) -> str:
        """Return the page that shows the accounts or transfers concerned, and as few others."""
        one = next(iter(self.accounts)) if len(self.accounts) == 1 else None
        if not self.transfers:
            return reverse("account_show", args=[one]) if one else reverse("accounts")
        chosen = QueryDict(mutable=True)
        if one:
            chosen["account"] = str(one)
        chosen["environment"] = cause.environment
        chosen["error"] = cause.code
        stages = {_STAGES[kind] for kind in self.kinds if kind in _STAGES}
        if len(stages) == 1:
            chosen["state"] = stages.pop()
        return f"{reverse('transfers')}?{chosen.urlencode()}"
