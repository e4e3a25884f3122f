"""The accounts that the overview tells of: a person's own, and of all others those in trouble."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from certificates.models import RevocationState
from exchange.models import Account
from exchange.queries.accounts import AccountSummary, accounts_visible_to, summarise_account
from exchange.queries.looking import OVERDUE_AFTER
from exchange.queries.overview.tallies import BACKLOG, Tally
from exchange.queries.readiness import with_newest_anchor
from magda_portal.people.models import Person

# What no line about an account needs, and what makes its row heavy.
_HEAVY = (
    "trouble_transcript",
    "identity__current__der",
    "identity__current__chain_pem",
    "identity__current__subject",
    "identity__next__der",
    "identity__next__chain_pem",
    "identity__next__subject",
)


def summaries_for(person: Person, found: Iterable[Tally], *, now: datetime) -> list[AccountSummary]:
    """Return the person's own accounts and, for the helpdesk, others that ask for attention.

    ``found`` tells how much waits for each. What stands still stands first, then what was not
    looked at for too long.
    """
    waiting = _waiting(found)
    rows = accounts_visible_to(person)
    if person.is_helpdesk:
        own = [membership.organisation_id for membership in person.memberships.all()]
        rows = rows.filter(_asks_for_attention(now) | Q(identity__organisation_id__in=own))
    summaries = [summarise_account(row, now=now, waiting=waiting[row.pk]) for row in _light(rows)]
    return sorted(summaries, key=_urgency)


def _waiting(found: Iterable[Tally]) -> Counter[Any]:
    """Return how many requests wait, by account."""
    waiting: Counter[Any] = Counter()
    for tally in found:
        if tally.kind in BACKLOG:
            waiting[tally.account_id] += tally.number
    return waiting


def _light(rows: QuerySet[Account]) -> QuerySet[Account]:
    return with_newest_anchor(rows).select_related("identity__next").defer(*_HEAVY)


def _asks_for_attention(now: datetime) -> Q:
    """Return what may be worth a line; :func:`summarise_account` decides."""
    current = "identity__current"
    return (
        ~Q(trouble_code="")
        | Q(last_looked_at=None)
        | Q(**{current: None})
        | Q(last_looked_at__lte=now - OVERDUE_AFTER)
        | Q(**{f"{current}__not_after__lte": now})
        | Q(**{f"{current}__not_before__gt": now})
        | Q(**{f"{current}__revocation": RevocationState.REVOKED})
        | Q(stepped_back_from=F("identity__next"))
    )


def _urgency(summary: AccountSummary) -> tuple[bool, bool, str, str]:
    account = summary.account
    return (
        not summary.stands_still,
        not summary.look.is_overdue,
        account.name,
        account.environment,
    )
