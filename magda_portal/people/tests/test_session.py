"""Somebody whose session ends: while reading, while a form is on its way, and who wants to stay."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
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
    "referer",
    [
        "",
        "https://elsewhere.example/trap/",
        "//elsewhere.example/",
        "javascript:x",
        "http://testserver//elsewhere.example/trap/",
        "http://testserver/\\elsewhere.example/trap/",
        "http://testserver",
    ],
)
def test_nobody_is_led_to_another_host(world: World, referer: str) -> None:
    browser = world.browser(Visitor.ANONYMOUS)

    response = browser.post(reverse("transfer_retry", args=[1]), headers={"referer": referer})

    assert response["Location"] == f"{reverse('account_login')}?unsent=1&next=%2F"


def test_below_a_path_nobody_is_led_to_a_neighbour(world: World, settings: Any) -> None:
    settings.PORTAL_PATH = "/magda"
    browser = world.browser(Visitor.ANONYMOUS)
    ours, theirs = "/magda/transfers/", "/magdalena/"

    led = [
        browser.post(
            reverse("transfer_retry", args=[1]), headers={"referer": f"http://testserver{path}"}
        )["Location"]
        for path in (ours, theirs)
    ]

    assert led[0].endswith("next=%2Fmagda%2Ftransfers%2F")
    assert "magdalena" not in led[1]


def test_the_page_for_a_wrong_token_links_to_no_other_host(world: World) -> None:
    browser = world.strict_browser(Visitor.CLERK)

    response = browser.post(
        reverse("profile"), headers={"referer": "http://testserver//elsewhere.example/trap/"}
    )

    assert response.status_code == 403
    assert "elsewhere.example" not in response.text


def test_a_form_without_its_token_leads_back_to_its_page(world: World) -> None:
    browser = world.strict_browser(Visitor.CLERK)
    page = reverse("profile")

    response = browser.post(page, headers={"referer": f"http://testserver{page}"})

    assert response.status_code == 403
    assert f'href="{page}"' in response.text
    assert 'data-drafts="survive"' in response.text


@pytest.mark.parametrize("address", ["/help/", "/help/send/", "/no/such/page/", "/login/"])
def test_pages_that_anybody_may_read_know_nobody_any_more(clerk: Client, address: str) -> None:
    name = "klerk@voorbeeld.example"
    before = clerk.get(reverse("help_contents")).text
    end_session(clerk)

    page = clerk.get(address).text

    assert name in before
    assert name not in page
    assert "data-person" not in page
    assert "_auth_user_id" not in clerk.session


def test_a_session_is_kept_for_as_long_as_it_was_promised(clerk: Client) -> None:
    def kept_too_short() -> bool:
        kept_until = Session.objects.get(pk=clerk.session.session_key).expire_date
        return kept_until < datetime.fromisoformat(clerk.session["ends_at"])

    for _ in range(3):
        clerk.post(reverse("session_stay"))
    assert not kept_too_short()

    end_session(clerk, by=-timedelta(minutes=30))
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=30))
    clerk.post(reverse("session_stay"))
    assert not kept_too_short()


def test_hours_can_not_be_gathered_beforehand(clerk: Client) -> None:
    before = seconds_left(clerk)

    pages = [clerk.post(reverse("session_stay"), follow=True).text for _ in range(3)]

    assert seconds_left(clerk) <= before
    assert all("You can make it longer in its last hour." in page for page in pages)
    assert all("you can choose on this page to stay logged in" in page for page in pages)
    assert "Stay logged in an hour longer" not in pages[-1]


def test_somebody_stays_an_hour_longer(clerk: Client) -> None:
    end_session(clerk, by=-timedelta(minutes=30))
    before = seconds_left(clerk)

    told = clerk.post(reverse("session_stay"), headers={"accept": "application/json"}).json()

    assert 3590 < told["seconds"] - before <= 3600


def test_a_page_with_an_old_token_can_ask_for_a_new_one(world: World) -> None:
    browser = world.strict_browser(Visitor.CLERK)
    end_session(browser, by=-timedelta(minutes=1))
    stay = reverse("session_stay")

    refused = browser.post(stay, {"csrfmiddlewaretoken": "of before"})
    token = browser.get(stay).json()["token"]
    browser.post(stay, {"csrfmiddlewaretoken": token})

    assert refused.status_code == 403
    assert seconds_left(browser) > 3600


def test_asking_alone_makes_nothing_longer(clerk: Client) -> None:
    before = seconds_left(clerk)

    assert seconds_left(clerk) <= before


def test_without_scripts_the_page_of_the_sessions_offers_it_and_says_when(clerk: Client) -> None:
    end_session(clerk, by=-timedelta(minutes=30))
    page = clerk.get(reverse("usersessions_list")).text
    after = clerk.post(reverse("session_stay"), follow=True).text

    assert "Stay logged in an hour longer" in page
    assert "You stay logged in an hour longer." in after


def test_the_eleventh_hour_is_refused(clerk: Client) -> None:
    for _ in range(10):
        end_session(clerk, by=-timedelta(minutes=30))
        clerk.post(reverse("session_stay"))
    end_session(clerk, by=-timedelta(minutes=30))

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
