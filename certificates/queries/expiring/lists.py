"""The revocation lists, whose end is the day by which the next one comes."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet

from certificates.advice.expiring import Situation
from certificates.models import Expiring, RevocationList
from certificates.queries.expiring.thing import ExpiringThing
from certificates.queries.revocation import lists_concerning
from magda_portal.people.models import Organisation


def revocation_lists(
    organisations: QuerySet[Organisation], *, now: datetime
) -> Iterator[ExpiringThing]:
    """Yield the lists of these organisations' issuers that say when the next one comes."""
    for row in lists_concerning(organisations).filter(next_update__isnull=False).defer("der"):
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
