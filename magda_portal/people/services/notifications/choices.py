"""What each person is told by mail, and when: their choice, or else what suits their roles."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from django.db import transaction

from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Subject, record
from magda_portal.people.models import (
    Kind,
    Membership,
    Notice,
    NotificationChoice,
    Person,
    Role,
    Timing,
)

Timings = Mapping[Kind, Timing]

# Whoever can act is told at once; what arrives can wait until the next morning.
_DEFAULTS: Final[Mapping[str, Timings]] = {
    Role.CLERK: {
        Kind.ARRIVED: Timing.DIGEST,
        Kind.FAILED: Timing.AT_ONCE,
        Kind.REMOVAL: Timing.AT_ONCE,
    },
    Role.ADMINISTRATOR: {
        Kind.FAILED: Timing.DIGEST,
        Kind.REMOVAL: Timing.AT_ONCE,
        Kind.CERTIFICATE: Timing.AT_ONCE,
    },
}
# Portal-wide: forty organisations at once would bury what matters.
_OF_HELPDESK: Final[Timings] = {Kind.FAILED: Timing.DIGEST}
# Of several roles the one that wants to know soonest decides.
_SOONEST: Final = (Timing.AT_ONCE, Timing.DIGEST, Timing.OFF)


def timings_of(person: Person) -> Timings:
    """Return when ``person`` is told, for every kind."""
    return timings_of_each([person])[person.pk]


def timings_of_each(people: Collection[Person]) -> Mapping[int, Timings]:
    """Like :func:`timings_of` for many, by primary key, with two queries."""
    wanted: dict[int, list[Timings]] = defaultdict(list)
    for person in people:
        if person.is_helpdesk:
            wanted[person.pk].append(_OF_HELPDESK)
    roles = Membership.objects.filter(person__in=people).values_list("person_id", "role").distinct()
    for person_id, role in roles:
        wanted[person_id].append(_DEFAULTS[role])
    timings = {person.pk: _soonest(wanted[person.pk]) for person in people}
    for choice in NotificationChoice.objects.filter(person__in=people):
        if choice.kind in Kind:
            timings[choice.person_id][Kind(choice.kind)] = Timing(choice.timing)
    return timings


@transaction.atomic
def choose_notifications(person: Person, timings: Timings) -> bool:
    """Keep what ``person`` chose about themselves; return whether it changes anything.

    What waits to be told of a kind that is switched off is not told later, either.
    """
    before = timings_of(person)
    changed = {kind: timing for kind, timing in timings.items() if before[kind] != timing}
    for kind, timing in timings.items():
        NotificationChoice.objects.update_or_create(
            person=person, kind=kind, defaults={"timing": timing}
        )
    if not changed:
        return False
    off = [kind for kind, timing in changed.items() if timing == Timing.OFF]
    Notice.objects.filter(person=person, kind__in=off, handled_at=None).delete()
    record(
        Action.NOTIFICATIONS_CHOSEN,
        actor=Actor.person(person),
        subject=Subject.row(person, person.email),
        details={
            "before": {kind.value: before[kind].value for kind in changed},
            "after": {kind.value: timing.value for kind, timing in changed.items()},
        },
    )
    return True


def _soonest(wanted: Sequence[Timings]) -> dict[Kind, Timing]:
    return {
        kind: next(
            one for one in _SOONEST if one in {Timing.OFF, *(each.get(kind) for each in wanted)}
        )
        for kind in Kind
    }
