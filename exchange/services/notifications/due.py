"""Who is to get a mail now, about which kinds of notices."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from django.db.models import Min
from django.utils import timezone

from magda_portal.people.models import Kind, Notice, NotificationMail, Person, Timing
from magda_portal.people.services.notifications import timings_of_each

SETTLE: Final = timedelta(minutes=1)
"""A mail waits this long for what happens together with the first thing it tells."""
SLOT: Final = timedelta(minutes=5)
"""At most one mail at once leaves for a person in this time."""
MORNING: Final = time(7, 30)
"""When the daily mail leaves, by the clock of people."""


@dataclass(frozen=True, slots=True)
class DueMail:
    """A mail that one person is to get."""

    person: Person
    timing: Timing
    slot: datetime
    kinds: tuple[Kind, ...]
    # What was noted after this is for the next mail.
    until: datetime

    def __str__(self) -> str:
        return f"notices of person {self.person.pk}"


def due_mails(now: datetime) -> Iterator[DueMail]:
    """Return the mails that are due; of one person at most one of each timing."""
    waiting = _oldest_of_each()
    people = Person.objects.filter(is_active=True).in_bulk(list(waiting))
    timings = timings_of_each(list(people.values()))
    slots = {
        Timing.AT_ONCE: (_slot_of(now), now - SETTLE, now),
        Timing.DIGEST: (morning_of(now), morning_of(now), morning_of(now)),
    }
    told = _told([slot for slot, _, _ in slots.values()])
    for pk, person in people.items():
        for timing, (slot, latest, until) in slots.items():
            kinds = tuple(kind for kind in waiting[pk] if timings[pk][kind] == timing)
            is_ripe = any(waiting[pk][kind] <= latest for kind in kinds)
            if is_ripe and (pk, timing.value, slot) not in told:
                yield DueMail(person, timing, slot, kinds, until)


def _oldest_of_each() -> dict[int, dict[Kind, datetime]]:
    """Return since when what waits, by person and kind."""
    waiting: dict[int, dict[Kind, datetime]] = defaultdict(dict)
    rows = Notice.objects.filter(handled_at=None).order_by().values_list("person_id", "kind")
    for person_id, kind, oldest in rows.annotate(oldest=Min("noted_at")):
        waiting[person_id][Kind(kind)] = oldest
    return waiting


def _told(slots: Sequence[datetime]) -> set[tuple[int, str, datetime]]:
    rows = NotificationMail.objects.filter(slot__in=slots)
    return set(rows.values_list("person_id", "timing", "slot"))


def _slot_of(now: datetime) -> datetime:
    seconds = int(SLOT.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, tz=now.tzinfo)


def morning_of(now: datetime) -> datetime:
    """Return the latest half past seven, as the people's clocks show it."""
    local = timezone.localtime(now)
    day = local.date() if local.time() >= MORNING else local.date() - timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, MORNING))
