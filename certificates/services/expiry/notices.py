"""Mark what an organisation was warned of, so that it is told once per threshold."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from certificates.models import ExpiryNotice
from certificates.queries.expiring import Affected, ExpiringThing
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Subject, record
from magda_portal.people.models import Person


class Warned(NamedTuple):
    """The columns that make a notice the only one of its threshold."""

    organisation_id: int
    environment: str
    kind: str
    fingerprint: str
    threshold_days: int


def warned_of(things: Iterable[ExpiringThing]) -> set[Warned]:
    """Return every threshold of these that somebody was told of, with one query."""
    notices = ExpiryNotice.objects.filter(fingerprint__in={thing.fingerprint for thing in things})
    return {Warned(*row) for row in notices.order_by().values_list(*Warned._fields)}


def about(thing: ExpiringThing, organisation: Affected, threshold: int) -> Warned:
    return Warned(
        organisation.id, thing.environment, thing.kind.value, thing.fingerprint, threshold
    )


@transaction.atomic
def claim(
    thing: ExpiringThing, organisation: Affected, thresholds: list[int], *, now: datetime
) -> ExpiryNotice | None:
    """Mark all thresholds; return the tightest when this very call marked it.

    The unique constraint lets one of two processes through, and the row is committed before the
    mail leaves: rather no mail for one threshold than the same mail again and again.
    """
    tightest, *wider = [about(thing, organisation, each)._asdict() for each in thresholds]
    ExpiryNotice.objects.bulk_create(
        [ExpiryNotice(**columns, sent_at=now) for columns in wider], ignore_conflicts=True
    )
    notice, is_new = ExpiryNotice.objects.get_or_create(**tightest, defaults={"sent_at": now})
    return notice if is_new else None


@transaction.atomic
def acknowledge(notice: ExpiryNotice, *, person: Person, now: datetime) -> bool:
    """Keep a warning and the earlier ones of the same thing quiet; return whether any was not.

    The next threshold makes a new warning.
    """
    open_ones = ExpiryNotice.objects.filter(
        organisation=notice.organisation_id,
        environment=notice.environment,
        kind=notice.kind,
        fingerprint=notice.fingerprint,
        threshold_days__gte=notice.threshold_days,
        acknowledged_at=None,
    )
    if not open_ones.update(acknowledged_at=now, acknowledged_by=person):
        return False
    record(
        Action.EXPIRY_ACKNOWLEDGED,
        actor=Actor.person(person),
        organisation_id=notice.organisation_id,
        subject=Subject.row(notice),
        details={
            "kind": notice.kind,
            "environment": notice.environment,
            "fingerprint": notice.fingerprint,
            "threshold_days": notice.threshold_days,
        },
    )
    return True
