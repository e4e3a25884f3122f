"""The daily mail leaves at half past seven, by the clock of people."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

import pytest
import time_machine
from django.utils import timezone

from exchange.models import Account
from exchange.services.notifications import note_events, send_notifications
from exchange.tests.services.notifications.happening import BRUSSELS, arrive, later, morning
from magda_portal.people.models import Notice, Person


@pytest.fixture(autouse=True)
def _ten_in_the_morning() -> Iterator[None]:
    """Keep half past seven away from the two minutes that most tests let pass."""
    ten = datetime.combine(timezone.localdate(), time(10), tzinfo=BRUSSELS)
    with time_machine.travel(ten):
        yield


def test_the_daily_mail_leaves_at_half_past_seven_and_once(account: Account, clerk: Person) -> None:
    arrive(account)
    note_events(now=timezone.now())

    moments = [
        later(),
        morning(minute=29),
        morning(),
        morning(minute=31),
        morning(hour=23),
        morning(days=2),
    ]

    assert [send_notifications(now=now) for now in moments] == [0, 0, 1, 0, 0, 0]


@pytest.mark.parametrize("day", [datetime(2027, 3, 28), datetime(2027, 10, 31)])  # noqa: DTZ001
def test_it_leaves_by_the_clock_of_people_when_the_clock_changes(
    account: Account, clerk: Person, day: datetime
) -> None:
    arrive(account)
    note_events(now=timezone.now())
    half_past = day.replace(hour=7, minute=30, tzinfo=BRUSSELS)
    Notice.objects.update(noted_at=half_past - timedelta(hours=1))

    before = send_notifications(now=half_past - timedelta(seconds=1))

    assert (before, send_notifications(now=half_past)) == (0, 1)


def test_what_happens_after_half_past_seven_is_for_the_next_day(
    account: Account, clerk: Person
) -> None:
    arrive(account)
    note_events(now=morning(minute=31))

    assert send_notifications(now=morning(minute=40)) == 0
    assert send_notifications(now=morning(days=2)) == 1
