"""What is no news any more is told nobody."""

from collections.abc import Iterator
from datetime import datetime, time

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from certificates.tests.rows import make_organisation
from exchange.models import Account, Transfer
from exchange.models.transfer import State
from exchange.services.notifications import forget_notices, note_events, send_notifications
from exchange.tests.services.notifications.happening import (
    BRUSSELS,
    arrive,
    choose,
    fail,
    later,
    morning,
)
from magda_portal.people.models import Membership, Notice, Person, Role, Timing


@pytest.fixture(autouse=True)
def _ten_in_the_morning() -> Iterator[None]:
    """Keep half past seven away from the two minutes that most tests let pass."""
    ten = datetime.combine(timezone.localdate(), time(10), tzinfo=BRUSSELS)
    with time_machine.travel(ten):
        yield


def test_what_was_put_right_meanwhile_is_not_told(account: Account, eager: Person) -> None:
    fail(account)
    note_events(now=timezone.now())
    Transfer.objects.update(state=State.QUEUED)

    assert send_notifications(now=later()) == 0
    Transfer.objects.update(state=State.FAILED)
    assert send_notifications(now=later(30)) == 0


def test_who_left_the_organisation_is_told_nothing_more(account: Account, eager: Person) -> None:
    arrive(account)
    note_events(now=timezone.now())
    Membership.objects.all().delete()
    Membership.objects.create(
        person=eager, organisation=make_organisation("Elders"), role=Role.CLERK
    )

    assert send_notifications(now=later()) == 0
    assert mail.outbox == []


@pytest.mark.parametrize("timing", [Timing.OFF, Timing.DIGEST])
def test_a_choice_holds_for_what_waits_already(
    account: Account, eager: Person, timing: Timing
) -> None:
    arrive(account)
    note_events(now=timezone.now())

    choose(eager, arrived=timing)

    assert send_notifications(now=later()) == 0
    assert send_notifications(now=morning()) == (timing == Timing.DIGEST)


def test_what_was_switched_off_is_not_told_when_it_is_switched_on_again(
    account: Account, eager: Person
) -> None:
    arrive(account)
    note_events(now=timezone.now())
    choose(eager, arrived=Timing.OFF)

    choose(eager, arrived=Timing.AT_ONCE)

    assert send_notifications(now=later()) == 0


def test_what_waited_for_a_week_is_told_no_more(account: Account, eager: Person) -> None:
    arrive(account)
    note_events(now=timezone.now())

    forget_notices(now=later(60 * 24 * 8))

    assert send_notifications(now=later(60 * 24 * 8)) == 0
    assert Notice.objects.count() == 1
    forget_notices(now=later(60 * 24 * 70))
    assert Notice.objects.count() == 0
