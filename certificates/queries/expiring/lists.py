"""The revocation lists, whose end is the day by which the next one comes."""

from collections.abc import Iterator
from datetime import datetime

from certificates.advice.expiring import Situation
from certificates.models import Expiring, RevocationList
from certificates.queries.expiring.thing import ExpiringThing


def revocation_lists(*, now: datetime) -> Iterator[ExpiringThing]:
    """Yield every list that says when the next one comes."""
    for row in RevocationList.objects.filter(next_update__isnull=False).defer("der"):
        assert row.next_update is not None
        yield ExpiringThing(
            kind=Expiring.LIST,
            key=f"list-{row.pk}",
            row_id=row.pk,
            name=row.issuer,
            environment="",
            organisations=(),
            not_before=row.this_update,
            not_after=row.next_update,
            fingerprint=row.fingerprint,
            serial=row.number,
            in_use=True,
            situation=_situation(row, row.next_update, now),
            at=now,
        )


def _situation(row: RevocationList, end: datetime, now: datetime) -> Situation:
    if end <= now:
        return Situation.LIST_OVERDUE
    return Situation.LIST_UPLOADED if row.source_id is None else Situation.LIST_FETCHED
