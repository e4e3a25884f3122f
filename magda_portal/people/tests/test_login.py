"""Logging in, being locked out, and what a stranger can't do."""

import re

import pytest
from axes.models import AccessAttempt
from django.core import mail
from django.test import Client
from django.urls import reverse

from magda_portal.audit.models import AuditEvent
from magda_portal.people.models import Person
from magda_portal.tests.world import Visitor, World

EMAIL = "an@voorbeeld.example"
PASSWORD = "een lang en goed wachtwoord"


@pytest.fixture
def person(db: None) -> Person:
    return Person.objects.create_user(EMAIL, PASSWORD)


@pytest.fixture
def browser() -> Client:
    return Client(headers={"accept-language": "en"})


def log_in(browser: Client, password: str, email: str = EMAIL) -> int:
    response = browser.post(reverse("account_login"), {"login": email, "password": password})
    return response.status_code


def is_logged_in(browser: Client) -> bool:
    return browser.get(reverse("overview")).status_code == 200


def test_the_right_password_opens_the_portal(person: Person, browser: Client) -> None:
    response = browser.post(
        reverse("account_login"), {"login": "AN@voorbeeld.example", "password": PASSWORD}
    )

    assert response["Location"] == reverse("overview")
    assert is_logged_in(browser)
    assert AuditEvent.objects.filter(action="person.logged_in", actor_id=str(person.pk)).exists()


def test_a_wrong_password_is_told_and_recorded(person: Person, browser: Client) -> None:
    assert log_in(browser, "verkeerd") == 200

    assert not is_logged_in(browser)
    assert AuditEvent.objects.get().action == "person.login_failed"


def test_the_fifth_wrong_password_locks_and_even_the_right_one_is_refused(
    person: Person, browser: Client
) -> None:
    """With another name for the form field django-axes counts nothing, and says nothing."""
    statuses = [log_in(browser, f"verkeerd {number}") for number in range(5)]

    assert statuses == [200, 200, 200, 200, 429]
    assert AccessAttempt.objects.get().failures_since_start == 5
    assert AuditEvent.objects.filter(action="person.login_failed", actor_name=EMAIL).count() == 5
    assert AuditEvent.objects.filter(action="person.locked_out").exists()

    assert log_in(browser, PASSWORD) == 429
    assert not is_logged_in(browser)


def test_the_lock_holds_from_another_address_too(person: Person, browser: Client) -> None:
    for number in range(5):
        log_in(browser, f"verkeerd {number}")

    elsewhere = Client(REMOTE_ADDR="192.0.2.7")

    assert log_in(elsewhere, PASSWORD) == 429


def test_the_locked_page_says_what_to_do(person: Person, browser: Client) -> None:
    for number in range(4):
        log_in(browser, f"verkeerd {number}")

    page = browser.post(reverse("account_login"), {"login": EMAIL, "password": "verkeerd"})

    assert "ask the helpdesk" in page.text


def test_nobody_else_is_locked_with_them(person: Person, browser: Client) -> None:
    Person.objects.create_user("bo@voorbeeld.example", PASSWORD)
    for number in range(5):
        log_in(browser, f"verkeerd {number}")

    assert log_in(browser, PASSWORD, "bo@voorbeeld.example") == 302


def test_who_may_not_log_in_any_more_is_not_let_in(person: Person, browser: Client) -> None:
    Person.objects.update(is_active=False)

    log_in(browser, PASSWORD)

    assert not is_logged_in(browser)


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_signs_up(browser: Client, db: None, method: str) -> None:
    response = getattr(browser, method)(
        reverse("account_signup"),
        {"email": "nieuw@x.example", "password1": PASSWORD, "password2": PASSWORD},
    )

    assert response.status_code == 404
    assert not Person.objects.exists()


def test_logging_out_takes_a_form(person: Person, browser: Client) -> None:
    log_in(browser, PASSWORD)

    browser.get(reverse("account_logout"))
    assert is_logged_in(browser)

    browser.post(reverse("account_logout"))
    assert not is_logged_in(browser)


def test_a_person_who_was_added_sets_a_password_by_mail(db: None, browser: Client) -> None:
    Person.objects.create_user(EMAIL)

    browser.post(reverse("account_reset_password"), {"email": EMAIL})

    link = re.search(r"http://\S+(/password/reset/key/\S+)", str(mail.outbox[0].body))
    assert link
    page = browser.get(link[1], follow=True)
    new = {"password1": PASSWORD, "password2": PASSWORD}
    browser.post(page.request["PATH_INFO"], new)
    assert log_in(browser, PASSWORD) == 302


def test_asking_for_a_link_does_not_tell_who_is_known(person: Person, browser: Client) -> None:
    pages = [
        browser.post(reverse("account_reset_password"), {"email": email}, follow=True)
        for email in (EMAIL, "niemand@voorbeeld.example")
    ]

    assert [page.redirect_chain for page in pages] == [
        [(reverse("account_reset_password_done"), 302)]
    ] * 2


def test_a_refused_page_is_recorded(world: World) -> None:
    response = world.browser(Visitor.CLERK).get(reverse("members"))

    assert response.status_code == 403
    assert "Your role does not allow this" in response.text
    event = AuditEvent.objects.get(action="person.refused")
    assert (event.actor_id, event.details["page"]) == (str(world.clerk.pk), reverse("members"))


def test_a_language_can_be_chosen_before_logging_in(browser: Client, db: None) -> None:
    browser.post(reverse("set_language"), {"language": "nl", "next": reverse("account_login")})

    assert '<html lang="nl">' in browser.get(reverse("account_login")).text


def test_who_was_logged_out_while_sending_is_told_that_nothing_was_received(
    browser: Client, db: None
) -> None:
    page = browser.post(reverse("send"), {"complete": "1"}, follow=True)
    elsewhere = browser.get(reverse("transfers"), follow=True)

    assert "it was not received" in page.content.decode()
    assert "it was not received" not in elsewhere.content.decode()
