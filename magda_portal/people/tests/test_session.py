"""Somebody whose session ends: while reading, while a form is on its way, and who wants to stay."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from magda_portal.tests.world import Visitor, World

LIVE = {"HX-Request": "true"}


@pytest.fixture
def clerk(world: World) -> Client:
    return world.browser(Visitor.CLERK)


def end_session(browser: Client, *, by: timedelta = timedelta(seconds=1)) -> None:
    """Let the session have ended ``by`` that long, or end then when it is negative."""
    session = browser.session
    session["ends_at"] = (timezone.now() - by).isoformat()
    session.save()


def seconds_left(browser: Client) -> float:
    told: float = browser.get(reverse("session_stay")).json()["seconds"]
    return told


def test_a_session_that_is_over_shows_nothing_more(clerk: Client) -> None:
    end_session(clerk)

    response = clerk.get(reverse("transfers"))

    assert response.status_code == 302
    assert response["Location"] == f"{reverse('account_login')}?next={reverse('transfers')}"
    assert "_auth_user_id" not in clerk.session


def test_work_does_not_make_a_session_longer(clerk: Client) -> None:
    end_session(clerk, by=-timedelta(minutes=5))
    session = clerk.session
    session["other"] = "saved anew"
    session.save()

    clerk.get(reverse("overview"))

    assert seconds_left(clerk) <= 300


def test_a_part_of_a_page_is_refused_in_words_and_never_with_the_login_page(clerk: Client) -> None:
    end_session(clerk)

    response = clerk.get(reverse("transfers"), headers=LIVE)

    assert response.status_code == 401
    assert "log in again" in response.text
    assert "<" not in response.text
    assert "Location" not in response


def test_a_form_that_came_too_late_leads_back_to_its_page(world: World) -> None:
    browser = world.browser(Visitor.ANONYMOUS)
    form = f"{reverse('transfers')}?state=failed"

    response = browser.post(
        reverse("transfer_retry", args=[1]), headers={"referer": f"http://testserver{form}"}
    )
    login = browser.get(response["Location"])

    assert "it was not received" in login.text
    assert f'value="{form}"' in login.text


@pytest.mark.parametrize(
    "referer", ["", "https://elsewhere.example/trap/", "//elsewhere.example/", "javascript:x"]
)
def test_nobody_is_led_to_another_host(world: World, referer: str) -> None:
    browser = world.browser(Visitor.ANONYMOUS)

    response = browser.post(reverse("transfer_retry", args=[1]), headers={"referer": referer})

    assert response["Location"] == f"{reverse('account_login')}?unsent=1&next=%2F"


def test_a_form_without_its_token_leads_back_to_its_page(world: World) -> None:
    browser = world.strict_browser(Visitor.CLERK)
    page = reverse("profile")

    response = browser.post(page, headers={"referer": f"http://testserver{page}"})

    assert response.status_code == 403
    assert f'href="{page}"' in response.text
    assert 'data-drafts="survive"' in response.text


def test_somebody_stays_an_hour_longer(clerk: Client) -> None:
    before = seconds_left(clerk)

    told = clerk.post(reverse("session_stay"), headers={"accept": "application/json"}).json()

    assert told["may_stay"]
    assert 3590 < told["seconds"] - before <= 3600


def test_asking_alone_makes_nothing_longer(clerk: Client) -> None:
    before = seconds_left(clerk)

    assert seconds_left(clerk) <= before


def test_without_scripts_the_page_of_the_sessions_offers_it_and_says_when(clerk: Client) -> None:
    page = clerk.get(reverse("usersessions_list")).text
    after = clerk.post(reverse("session_stay"), follow=True).text

    assert "Stay logged in an hour longer" in page
    assert "You stay logged in an hour longer." in after


def test_the_eleventh_hour_is_refused(clerk: Client) -> None:
    for _ in range(10):
        clerk.post(reverse("session_stay"))

    page = clerk.post(reverse("session_stay"), follow=True).text

    assert "any longer. Log in again instead." in page
    assert "Stay logged in an hour longer" not in page


def test_a_page_knows_when_its_session_ends(clerk: Client) -> None:
    end_session(clerk, by=-timedelta(minutes=30))

    page = clerk.get(reverse("overview")).text

    assert 'id="session-end"' in page
    assert any(f'data-seconds="{seconds}"' in page for seconds in range(1790, 1801))


def test_a_login_sets_the_end(clerk: Client) -> None:
    at = datetime.fromisoformat(clerk.session["ends_at"])

    assert timedelta(hours=9, minutes=59) < at - timezone.now() <= timedelta(hours=10)
