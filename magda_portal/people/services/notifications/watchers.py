"""Who hears of an organisation, and what waits to be told to them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Q

from magda_portal.people.models import Kind, Membership, Notice, Person, Timing
from magda_portal.people.services.notifications.choices import Timings, timings_of_each

# Rows in one statement.
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Watcher:
    """A person, with the organisations whose history they see, and when they are told."""

    person: Person
    organisation_ids: frozenset[int]
    timings: Timings

    def wants(self, kind: Kind, *, organisation_id: int) -> bool:
        """Return whether to tell them, whenever; deny first."""
        sees = self.person.is_helpdesk or organisation_id in self.organisation_ids
        return sees and self.timings[kind] != Timing.OFF


def watchers(organisation_ids: Collection[int]) -> list[Watcher]:
    """Return everybody who may hear of one of these, as :mod:`magda_portal.people.access` says."""
    members: dict[int, set[int]] = defaultdict(set)
    rows = Membership.objects.filter(organisation__in=organisation_ids)
    for person_id, organisation_id in rows.values_list("person_id", "organisation_id"):
        members[person_id].add(organisation_id)
    people = list(Person.objects.filter(Q(pk__in=members) | Q(is_helpdesk=True), is_active=True))
    timings = timings_of_each(people)
    return [
        Watcher(person, frozenset(members.get(person.pk, ())), timings[person.pk])
        for person in people
    ]


def note(notices: Iterable[Notice]) -> None:
    """Let these wait to be told; one that a person was noted before changes nothing."""
    Notice.objects.bulk_create(notices, batch_size=_AT_ONCE, ignore_conflicts=True)
