from datetime import timedelta

import pytest

from certificates.models import CalendarFeed
from certificates.services.calendar import make_feed, reader_with, remove_feed
from certificates.tests.rows import NOW, make_person
from magda_portal.audit.models import AuditEvent
from magda_portal.people.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> Person:
    return make_person()


def test_a_token_is_long_new_and_kept_as_a_hash(person: Person) -> None:
    tokens = [make_feed(person, now=NOW) for _time in range(2)]

    assert len(set(tokens)) == 2
    assert all(len(token) >= 43 for token in tokens)
    stored = CalendarFeed.objects.get()
    assert not set(tokens) & {str(value) for value in vars(stored).values()}


def test_who_shows_the_token_is_known_by_it(person: Person) -> None:
    token = make_feed(person, now=NOW)

    assert reader_with(token, now=NOW) == person
    assert reader_with(f"{token}x", now=NOW) is None


def test_a_new_token_ends_the_old_one(person: Person) -> None:
    old, _new = make_feed(person, now=NOW), make_feed(person, now=NOW)

    assert reader_with(old, now=NOW) is None


def test_a_removed_feed_is_unknown_and_removing_again_does_nothing(person: Person) -> None:
    token = make_feed(person, now=NOW)

    for _time in range(2):
        remove_feed(person)

    assert reader_with(token, now=NOW) is None
    actions = AuditEvent.objects.order_by("id").values_list("action", flat=True)
    assert list(actions) == ["calendar_feed.made", "calendar_feed.removed"]


def test_who_may_not_log_in_reads_nothing(person: Person) -> None:
    token = make_feed(person, now=NOW)
    person.is_active = False
    person.save()

    assert reader_with(token, now=NOW) is None


def test_reading_is_noted_at_most_once_an_hour(person: Person) -> None:
    token = make_feed(person, now=NOW)
    noted = []
    for minutes in (0, 30, 61):
        reader_with(token, now=NOW + timedelta(minutes=minutes))
        noted.append(CalendarFeed.objects.get().last_read_at)

    assert noted == [NOW, NOW, NOW + timedelta(minutes=61)]
