"""What allauth says, in the words of the portal: with "u", and "aanmelden"."""

import re
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse

from magda_portal.people.models import Person

EMAIL = "an@voorbeeld.example"
PASSWORD = "een lang en goed wachtwoord"
FAMILIAR = re.compile(r"\b(je|jij|jou|jouw|ingelogd|inloggen)\b", re.IGNORECASE)


@pytest.fixture
def person(db: None) -> Person:
    return Person.objects.create_user(EMAIL, PASSWORD)


@pytest.fixture
def browser() -> Client:
    found = Client(headers={"accept-language": "nl"})
    found.cookies[settings.LANGUAGE_COOKIE_NAME] = "nl"
    return found


def log_in(browser: Client, password: str = PASSWORD) -> str:
    data = {"login": EMAIL, "password": password}
    return text_of(browser.post(reverse("account_login"), data, follow=True))


def text_of(response: Any) -> str:
    text = unescape(response.text)
    assert not FAMILIAR.search(text)
    return text


def change(browser: Client, **fields: str) -> str:
    data = {"oldpassword": PASSWORD, "password1": "x", "password2": "x", **fields}
    return text_of(browser.post(reverse("account_change_password"), data, follow=True))


def test_a_password_that_is_too_short_is_refused_in_dutch(person: Person, browser: Client) -> None:
    log_in(browser)

    page = change(browser, password1="kort", password2="kort")

    assert "Dit wachtwoord is te kort. Kies er een van minstens 12 tekens." in page


def test_choosing_a_password_says_u(person: Person, browser: Client) -> None:
    log_in(browser)

    assert "niet uw huidige wachtwoord" in change(browser, oldpassword="fout")
    assert "twee keer hetzelfde" in change(browser, password1=PASSWORD, password2="iets anders")
    fresh = "nog een lang en goed wachtwoord"
    assert "Uw nieuwe wachtwoord is ingesteld." in change(browser, password1=fresh, password2=fresh)


def test_logging_in_and_out_says_u(person: Person, browser: Client) -> None:
    assert "Het e-mailadres of het wachtwoord klopt niet." in log_in(browser, "verkeerd")
    assert f"U bent aangemeld als {EMAIL}." in log_in(browser)
    assert "U bent afgemeld." in text_of(browser.post(reverse("account_logout"), follow=True))


def test_the_mail_to_set_a_password_is_the_portals_own(person: Person, browser: Client) -> None:
    text_of(browser.post(reverse("account_reset_password"), {"email": EMAIL}, follow=True))

    (message,) = mail.outbox
    assert message.subject == "Een nieuw wachtwoord voor het MAGDA-portaal instellen"
    assert "Beste collega," in message.body
    assert "/password/reset/key/" in message.body
    assert not FAMILIAR.search(str(message.body))
    assert "testserver!" not in message.body


def test_the_mail_is_in_the_language_that_the_person_chose(person: Person, browser: Client) -> None:
    Person.objects.update(language="en")

    browser.post(reverse("account_reset_password"), {"email": EMAIL})

    assert mail.outbox[0].subject == "Set a new password for the MAGDA portal"
