"""Read who is warned of what expires, and what became of the warnings."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db.models import QuerySet

from certificates.models import CalendarFeed, ExpiryNotice, ExpirySubscription
from certificates.queries.expiring import ExpiringThing
from magda_portal.people.access import organisations_seen_by
from magda_portal.people.models import Organisation, Person

About = tuple[str, str, str]
"""Kind, environment and fingerprint of a thing."""


def about(thing: ExpiringThing) -> About:
    return (thing.kind.value, thing.environment, thing.fingerprint)


def latest_warnings(
    things: Collection[ExpiringThing], person: Person
) -> dict[About, list[ExpiryNotice]]:
    """Return the latest warning of each thing to each organisation that ``person`` sees.

    Acknowledged ones too, with who did that; with one query.
    """
    notices = ExpiryNotice.objects.filter(
        organisation__in=organisations_seen_by(person),
        fingerprint__in={thing.fingerprint for thing in things},
    )
    latest: dict[tuple[About, int], ExpiryNotice] = {}
    rows = notices.select_related("organisation", "acknowledged_by")
    for notice in rows.order_by("-threshold_days"):
        key = (notice.kind, notice.environment, notice.fingerprint)
        latest[key, notice.organisation_id] = notice
    found: dict[About, list[ExpiryNotice]] = defaultdict(list)
    for (key, _organisation), notice in latest.items():
        found[key].append(notice)
    return found


def notices_visible_to(person: Person) -> QuerySet[ExpiryNotice]:
    return ExpiryNotice.objects.filter(organisation__in=organisations_seen_by(person))


def organisations_of(person: Person) -> QuerySet[Organisation]:
    """Return the organisations of which ``person`` is a member; for the helpdesk too."""
    return Organisation.objects.filter(memberships__person=person).distinct()


def warned_organisations(person: Person) -> Iterable[int]:
    """Return the ids of the organisations about which ``person`` asked to be mailed."""
    return ExpirySubscription.objects.filter(person=person).values_list(
        "organisation_id", flat=True
    )


def calendar_feed_of(person: Person) -> CalendarFeed | None:
    return CalendarFeed.objects.filter(person=person).first()
