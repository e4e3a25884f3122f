"""Who is locked out after failed logins, who sees it, and who lets them try again."""

from datetime import timedelta
from itertools import count

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from magda_portal.audit.models import AuditEvent
from magda_portal.people.models import Membership, Person, Role
from magda_portal.tests.world import Visitor, World

ADDRESSES = (f"198.51.100.{number}" for number in count(1))
PASSWORD = "een lang en goed wachtwoord"


@pytest.fixture
def locked(world: World) -> Person:
    """The clerk, after five wrong passwords."""
    world.clerk.set_password(PASSWORD)
    world.clerk.save()
    fail(world.clerk.email)
    return world.clerk


def anywhere() -> Client:
    """Return a browser at an address of its own: logins of one address are limited a minute."""
    return Client(REMOTE_ADDR=next(ADDRESSES))


def fail(email: str, *, times: int = 5, browser: Client | None = None) -> None:
    browser = browser or anywhere()
    for number in range(times):
        browser.post(reverse("account_login"), {"login": email, "password": f"fout {number}"})


def log_in(email: str) -> int:
    data = {"login": email, "password": PASSWORD}
    return anywhere().post(reverse("account_login"), data).status_code


def show(world: World, visitor: Visitor) -> str:
    return world.browser(visitor).get(reverse("locked_people")).text


def unlock(world: World, person: Person, visitor: Visitor) -> int:
    return world.browser(visitor).post(reverse("person_unlock", args=[person.pk])).status_code


@pytest.mark.parametrize("visitor", [Visitor.ADMINISTRATOR, Visitor.HELPDESK])
def test_the_locked_person_is_shown_and_let_in_again(
    world: World, locked: Person, visitor: Visitor
) -> None:
    assert log_in(locked.email) == 429
    assert locked.email in show(world, visitor)

    assert unlock(world, locked, visitor) == 302

    assert "Nobody is locked out." in show(world, visitor)
    assert log_in(locked.email) == 302


def test_capitals_in_the_address_hide_nobody(world: World, locked: Person) -> None:
    unlock(world, locked, Visitor.HELPDESK)
    fail(locked.email.upper())

    assert locked.email in show(world, Visitor.HELPDESK)

    unlock(world, locked, Visitor.HELPDESK)
    assert not AccessAttempt.objects.exists()


def test_unlocking_is_recorded_once_in_the_history_of_the_organisation(
    world: World, locked: Person
) -> None:
    unlock(world, locked, Visitor.ADMINISTRATOR)
    unlock(world, locked, Visitor.ADMINISTRATOR)

    event = AuditEvent.objects.get(action="person.unlocked")
    assert event.actor_id == str(world.administrator.pk)
    assert event.organisation_id == str(world.organisation.pk)
    assert event.subject_text == locked.email


def test_an_administrator_elsewhere_neither_sees_nor_unlocks(world: World, locked: Person) -> None:
    assert locked.email not in show(world, Visitor.STRANGER)

    assert unlock(world, locked, Visitor.STRANGER) == 404
    assert log_in(locked.email) == 429


def test_a_clerk_unlocks_nobody(world: World) -> None:
    fail(world.administrator.email)

    assert unlock(world, world.administrator, Visitor.CLERK) == 403
    assert AccessAttempt.objects.get().failures_since_start == 5


def test_four_failures_lock_nobody(world: World) -> None:
    fail(world.clerk.email, times=4)

    assert world.clerk.email not in show(world, Visitor.HELPDESK)


def test_a_lock_that_is_over_is_not_shown(world: World, locked: Person) -> None:
    # Before the attempts grow old: each login forgets those that are.
    browser = world.browser(Visitor.HELPDESK)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))

    page = browser.get(reverse("locked_people")).text

    assert AccessAttempt.objects.exists()
    assert locked.email not in page
    assert log_in(locked.email) == 302


def test_failures_from_two_addresses_add_up_as_they_do_at_the_login(world: World) -> None:
    fail(world.clerk.email, times=3, browser=Client(REMOTE_ADDR="192.0.2.1"))
    fail(world.clerk.email, times=2, browser=Client(REMOTE_ADDR="192.0.2.2"))

    page = show(world, Visitor.HELPDESK)

    assert world.clerk.email in page
    assert "192.0.2.2, 192.0.2.1" in page


def test_names_that_nobody_has_are_counted_and_not_shown(world: World) -> None:
    """Whoever guesses names must not find them in the page of the helpdesk."""
    fail("niemand@elders.example")

    page = show(world, Visitor.HELPDESK)

    assert "niemand@" not in page
    assert "1 name that nobody here has is locked" in page
    assert "nobody here has" not in show(world, Visitor.ADMINISTRATOR)


def test_the_members_page_shows_who_is_locked(world: World, locked: Person) -> None:
    page = world.browser(Visitor.ADMINISTRATOR).get(reverse("members")).text

    assert "See and unlock" in page
    assert "Locked out after failed logins: 1 person" in page


def test_many_locks_cost_no_more_queries(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(15):
        person = Person.objects.create(email=f"nr{number}@voorbeeld.example")
        Membership.objects.create(person=person, organisation=world.organisation, role=Role.CLERK)
        AccessAttempt.objects.create(
            username=person.email, ip_address="192.0.2.1", failures_since_start=5
        )
    browser = world.browser(Visitor.ADMINISTRATOR)

    with django_assert_max_num_queries(12):
        page = browser.get(reverse("locked_people"))

    assert page.text.count(">Unlock</button>") == 15
