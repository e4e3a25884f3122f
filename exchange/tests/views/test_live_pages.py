"""The pages that keep themselves up to date: overview, case, history, inbox."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from exchange.models import Account, Transfer
from exchange.models.transfer import State
from exchange.queries import StageCode
from exchange.queries.told import _SENTENCES
from exchange.tests.builders import make_collected, make_delivered, make_transfer
from magda_portal.tests.world import Visitor, World

LIVE = {"HX-Request": "true"}


def case(transfer: Transfer) -> str:
    return reverse("transfer_show", args=[transfer.pk])


@pytest.fixture
def moving(account: Account) -> Transfer:
    return make_transfer(account)


@pytest.fixture
def clerk(world: World) -> Client:
    return world.browser(Visitor.CLERK)


@pytest.fixture(params=["overview", "transfers", "inbox", "case"])
def address(request: pytest.FixtureRequest, moving: Transfer, account: Account) -> str:
    """Each of the pages, with something on it that can change."""
    make_collected(account, name="publicatie.xml")
    return case(moving) if request.param == "case" else reverse(request.param)


def version(response: Any) -> str:
    found = re.search(r'"version": "(\w+)"', response.text)
    return found[1] if found else ""


def look(browser: Client, address: str, seen: str) -> HttpResponse:
    response: Any = browser.get(address, {"version": seen}, headers=LIVE)
    return response  # type: ignore[no-any-return]


def test_a_case_that_waits_for_long_is_the_same_as_time_passes(
    clerk: Client, account: Account
) -> None:
    """It tells since when: "3 hours, 1 minute ago" would be news every minute."""
    now = timezone.now()
    late = make_delivered(account, finished_at=now - timedelta(hours=3, seconds=30))
    page = clerk.get(case(late))

    with time_machine.travel(now + timedelta(minutes=61)):
        later = look(clerk, case(late), version(page))

    assert "MAGDA has not picked this file up yet" in page.text
    assert later.status_code == 304


def test_nothing_is_sent_when_nothing_changed(clerk: Client, address: str) -> None:
    seen = version(clerk.get(address))

    response = look(clerk, address, seen)

    assert seen
    assert response.status_code == 304
    assert not response.content


def test_a_change_is_sent_without_the_page_around_it(
    clerk: Client, address: str, account: Account, moving: Transfer
) -> None:
    seen = version(clerk.get(address))
    make_collected(account, name="nieuw.xml")
    Transfer.objects.filter(pk=moving.pk).update(state=State.RUNNING)

    response = look(clerk, address, seen)

    assert response.status_code == 200
    assert version(response) not in {"", seen}
    assert response.text.lstrip().startswith('<div id="live"')
    assert "<html" not in response.text
    assert "<h1" not in response.text


def test_a_part_is_what_stands_on_the_page(clerk: Client, address: str) -> None:
    without_tokens = re.compile(r'(csrfmiddlewaretoken" value=)"\w+"')
    page, part = clerk.get(address).text, look(clerk, address, "older").text

    assert without_tokens.sub("", part.strip()) in without_tokens.sub("", page)


def test_who_opens_the_address_of_a_part_gets_the_page(clerk: Client, address: str) -> None:
    response = clerk.get(address, {"version": "older"})

    main = response.text.partition("<main")[2].partition("</main>")[0]
    assert "<h1" in main
    assert "older" not in main


def test_caches_tell_part_and_page_apart(clerk: Client, address: str) -> None:
    for response in (clerk.get(address), look(clerk, address, "older")):
        assert "HX-Request" in response["Vary"]
        assert response["Cache-Control"] == "no-store"


def test_a_look_takes_few_queries(
    clerk: Client,
    address: str,
    account: Account,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    for number in range(30):
        make_collected(account, name=f"antwoord-{number}.xml")
    clerk.get(address)

    with django_assert_max_num_queries(12):
        look(clerk, address, "older")
    seen = version(look(clerk, address, "older"))
    with django_assert_max_num_queries(12):
        assert look(clerk, address, seen).status_code == 304


def test_a_stranger_sees_no_part_of_a_case(world: World, moving: Transfer) -> None:
    assert look(world.browser(Visitor.STRANGER), case(moving), "older").status_code == 404


def test_the_filter_stays_in_the_address(clerk: Client, moving: Transfer) -> None:
    page = clerk.get(reverse("transfers"), {"state": "queued", "version": "older"}).text

    assert f'hx-get="{reverse("transfers")}?state=queued"' in page


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
def test_a_case_that_came_to_its_end_is_shown_once_more_and_not_asked_for_again(
    clerk: Client, moving: Transfer, state: State
) -> None:
    seen = version(clerk.get(case(moving)))
    Transfer.objects.filter(pk=moving.pk).update(state=state, holds_name=False)

    response = look(clerk, case(moving), seen)

    assert response.status_code == 286
    assert 'id="stage"' in response.text
    assert "hx-get" not in response.text
    assert "hx-get" not in clerk.get(case(moving)).text


@pytest.mark.parametrize(("minutes", "status"), [(5, 200), (61, 286)])
def test_an_answer_may_come_in_parts_for_an_hour(
    clerk: Client, account: Account, minutes: int, status: int
) -> None:
    request = make_delivered(account)
    answer = make_collected(account, answers_to=request)
    came = timezone.now() - timedelta(minutes=minutes)
    Transfer.objects.filter(pk=answer.pk).update(created_at=came)

    assert look(clerk, case(request), "older").status_code == status


def test_a_later_page_of_the_history_rests(clerk: Client, account: Account) -> None:
    for number in range(51):
        make_transfer(account, name=f"vraag-{number}.xml")
    first = clerk.get(reverse("transfers")).text
    further = re.search(r'href="\?place=([\d.]+)"', first)
    assert further

    second = clerk.get(reverse("transfers"), {"place": further[1]}).text

    assert "hx-get" in first
    assert "hx-get" not in second


def test_a_change_comes_with_a_sentence_to_read_aloud(clerk: Client, account: Account) -> None:
    delivered = make_delivered(account, name="vraag & <b>.xml")

    for page in (clerk.get(case(delivered)).text, clerk.get(reverse("transfers")).text):
        assert 'data-told="vraag &amp; &lt;b&gt;.xml was delivered."' in page


def test_what_leaves_the_overview_has_a_sentence_too(clerk: Client, moving: Transfer) -> None:
    page = clerk.get(reverse("overview")).text

    assert 'data-told="vraag.xml is queued."' in page
    assert 'data-gone="vraag.xml is no longer on its way."' in page


def test_every_stage_has_its_sentence() -> None:
    assert set(_SENTENCES) == set(StageCode)
