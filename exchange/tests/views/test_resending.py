"""Sending again, from a delivered transfer's page and from MAGDA's cache."""

import uuid
from html import unescape
from typing import Any

import pytest
from django.db.models import Q
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from exchange.advice import advice_for
from exchange.models import Account, Transfer
from exchange.models.transfer import State, Step
from exchange.services.delivery import deliver_batch
from exchange.services.resending import latest_delivered
from exchange.tests.builders import make_delivered, make_transfer
from magda_portal.tests.world import Visitor, World
from sandbox.server import DEMO_ACCOUNT, PracticeMAGDA

REASON = "MAGDA vroeg erom"


@pytest.fixture
def reachable(world: World, connected_account: Account) -> Account:
    """Give an account of the world's organisation at the practice MAGDA."""
    assert connected_account.organisation == world.organisation
    return connected_account


def show(world: World, transfer: Transfer, visitor: Visitor = Visitor.CLERK) -> str:
    url = reverse("transfer_show", args=[transfer.pk])
    return unescape(world.browser(visitor).get(url).text)


def post(world: World, url: str, data: dict[str, Any]) -> HttpResponse:
    answer = world.browser(Visitor.CLERK).post(url, data)
    assert isinstance(answer, HttpResponse)
    return answer


def send_again(world: World, transfer: Transfer, **fields: Any) -> HttpResponse:
    url = reverse("transfer_send_again", args=[transfer.pk])
    data = {"reason": REASON, "submission": uuid.uuid4(), **fields}
    return post(world, url, data)


def cache(world: World, account: Account) -> str:
    url = reverse("account_cache", args=[account.pk])
    return unescape(world.browser(Visitor.CLERK).get(url).text)


def send_cached(world: World, account: Account, name: str, **fields: Any) -> HttpResponse:
    url = reverse("cache_send_again", args=[account.pk])
    delivered = latest_delivered(account, name)
    latest = delivered.pk if delivered else 0
    data = {"name": name, "latest": latest, "reason": REASON, "submission": uuid.uuid4(), **fields}
    return post(world, url, data)


def test_a_clerk_sends_again_and_both_pages_tell_it(world: World, account: Account) -> None:
    first = make_delivered(account)

    response = send_again(world, first)

    again = Transfer.objects.latest("id")
    assert response["Location"] == reverse("transfer_show", args=[again.pk])
    assert again.person == world.clerk
    assert f"Sends #{first.pk} again" in show(world, again)
    assert REASON in show(world, again)
    assert f"Sent again as #{again.pk}" in show(world, first)


@pytest.mark.parametrize("reason", ["", "kort", "x" * 301])
def test_nothing_is_sent_again_without_a_proper_reason(
    world: World, account: Account, reason: str
) -> None:
    response = send_again(world, make_delivered(account), reason=reason)

    assert response.status_code == 422
    assert Transfer.objects.count() == 1


def test_the_second_click_lands_on_the_first_ones_transfer(world: World, account: Account) -> None:
    first, submission = make_delivered(account), uuid.uuid4()

    answers = [send_again(world, first, submission=submission)["Location"] for _ in range(2)]

    assert answers[0] == answers[1]
    assert Transfer.objects.count() == 2


def test_who_comes_second_is_told_of_the_first(world: World, account: Account) -> None:
    first = make_delivered(account)
    send_again(world, first)

    response = send_again(world, first)

    assert response.status_code == 422
    assert str(advice_for("transfer.sent_again_already").what) in response.text
    assert f"Sent again as #{Transfer.objects.latest('id').pk}" in response.text


@pytest.mark.parametrize(
    ("state", "code"),
    [(State.UNCERTAIN, "transfer.undecided"), (State.FAILED, "transfer.not_delivered")],
)
def test_the_page_says_why_it_is_not_sent_again(
    world: World, account: Account, state: State, code: str
) -> None:
    transfer = make_transfer(account, state=state)

    url = reverse("transfer_send_again", args=[transfer.pk])
    page = unescape(world.browser(Visitor.CLERK).get(url).text)

    assert str(advice_for(code).what) in page
    assert "<textarea" not in page


def test_only_a_clerk_is_offered_to_send_again(world: World, account: Account) -> None:
    first = make_delivered(account)
    link = reverse("transfer_send_again", args=[first.pk])

    assert link in show(world, first)
    assert link not in show(world, first, Visitor.ADMINISTRATOR)
    assert link not in show(world, first, Visitor.HELPDESK)


@pytest.mark.parametrize("visitor", [Visitor.ADMINISTRATOR, Visitor.HELPDESK, Visitor.STRANGER])
def test_nobody_else_sends_again(
    world: World, reachable: Account, magda: PracticeMAGDA, visitor: Visitor
) -> None:
    magda.place(DEMO_ACCOUNT, "cache/to_vip", "a.xml", b"<a/>")
    fields = {"name": "a.xml", "reason": REASON, "submission": uuid.uuid4()}
    first = make_delivered(reachable)

    for url in (
        reverse("transfer_send_again", args=[first.pk]),
        reverse("cache_send_again", args=[reachable.pk]),
    ):
        assert world.browser(visitor).post(url, fields).status_code in (403, 404)
    assert Transfer.objects.count() == 1


def test_the_cache_is_listed_as_it_is_now(
    world: World, reachable: Account, magda: PracticeMAGDA
) -> None:
    magda.place(DEMO_ACCOUNT, "cache/to_vip", "vraag.xml", b"<vraag/>")
    magda.place(DEMO_ACCOUNT, "cache/to_vip", "<b>x\u202elmx.exe", b"x")
    known = make_delivered(reachable)

    page = cache(world, reachable)

    assert f"#{known.pk}</a>" in page
    assert (
        f"{reverse('cache_send_again', args=[reachable.pk])}?name=vraag.xml&latest={known.pk}"
        in page
    )
    assert "\u202e" not in page
    assert str(advice_for("name.control_character").what) in page
    assert page.count("Send again…") == 1


def test_a_server_that_is_away_is_a_sentence(world: World, reachable: Account) -> None:
    reachable.port = 1
    reachable.save()

    page = cache(world, reachable)

    assert str(advice_for("connect.refused").what) in page


def test_the_cache_costs_the_same_queries_however_full_it_is(
    world: World,
    reachable: Account,
    magda: PracticeMAGDA,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(30):
        make_delivered(reachable, name=f"{number}.xml", content=b"<vraag/>")
        magda.place(DEMO_ACCOUNT, "cache/to_vip", f"{number}.xml", b"<vraag/>")
    browser = world.browser(Visitor.CLERK)
    url = reverse("account_cache", args=[reachable.pk])
    # The first look of all makes the slots.
    browser.get(url)

    # Six for the page, and eight for the slot, the keys and the trust of its connection.
    with django_assert_max_num_queries(14):
        page = browser.get(url).text

    assert page.count("Send again…") == 30


def test_a_file_of_the_cache_is_sent_again_whole(
    world: World, reachable: Account, magda: PracticeMAGDA
) -> None:
    magda.place(DEMO_ACCOUNT, "cache/to_vip", "een vraag é.xml", b"<vraag/>")

    response = send_cached(world, reachable, "een vraag é.xml")

    again = Transfer.objects.get()
    assert response["Location"] == reverse("transfer_show", args=[again.pk])
    assert "not fetched yet" in show(world, again)
    deliver_batch(reachable, among=Q(pk=again.pk))
    again.refresh_from_db()
    assert (again.state, again.error_code) == (State.DONE, "")
    assert (magda.home(DEMO_ACCOUNT) / "to_vip/een vraag é.xml").read_bytes() == b"<vraag/>"
    page = show(world, again)
    assert "content fetched from MAGDA's cache" in page
    assert again.sha256 in page


def test_a_file_that_left_the_cache_meanwhile_is_not_sent(
    world: World, reachable: Account, magda: PracticeMAGDA
) -> None:
    path = magda.place(DEMO_ACCOUNT, "cache/to_vip", "vraag.xml", b"<vraag/>")
    send_cached(world, reachable, "vraag.xml")
    path.unlink()

    deliver_batch(reachable, among=Q())

    again = Transfer.objects.get()
    assert (again.state, again.error_code) == (State.FAILED, "cache.gone")
    assert str(advice_for("cache.gone").next) in show(world, again)
    assert "(it was not fetched)" in show(world, again)
    assert "Try again now" in show(world, again)


@pytest.mark.parametrize("name", ["../from_vip/x.xml", "elders.xml", " vraag.xml", "x\r\nDELE y"])
def test_a_forged_name_is_refused(
    world: World, reachable: Account, magda: PracticeMAGDA, name: str
) -> None:
    magda.place(DEMO_ACCOUNT, "cache/to_vip", "vraag.xml", b"<vraag/>")
    magda.place(DEMO_ACCOUNT, "from_vip", "x.xml", b"<x/>")

    response = send_cached(world, reachable, name)

    assert response.status_code == 422
    assert not Transfer.objects.exists()


def test_a_name_is_needed_to_send_from_the_cache(world: World, account: Account) -> None:
    response = world.browser(Visitor.CLERK).get(reverse("cache_send_again", args=[account.pk]))

    assert response["Location"] == reverse("account_cache", args=[account.pk])


def test_the_list_of_transfers_leads_a_clerk_to_the_cache(world: World, account: Account) -> None:
    link = reverse("account_cache", args=[account.pk])

    assert link in world.browser(Visitor.CLERK).get(reverse("transfers")).text
    assert link not in world.browser(Visitor.HELPDESK).get(reverse("transfers")).text


@pytest.mark.parametrize("state", [State.QUEUED, State.WAITING, State.RUNNING])
def test_why_it_can_not_be_cancelled_stands_in_place_of_the_button(
    world: World, account: Account, state: State
) -> None:
    asked = make_transfer(account, name="a.xml", state=state, step=Step.RENAME_ASKED)
    free = make_transfer(account, name="b.xml", state=State.WAITING)

    assert "Cancel the transfer" not in show(world, asked)
    assert str(advice_for("transfer.rename_asked").what) in show(world, asked)
    assert "Cancel the transfer" in show(world, free)


def test_what_is_settled_has_no_sentence_about_cancelling(world: World, account: Account) -> None:
    assert str(advice_for("transfer.cannot_cancel").what) not in show(
        world, make_delivered(account)
    )


def test_a_request_of_another_size_is_told_in_bytes(
    world: World, reachable: Account, magda: PracticeMAGDA
) -> None:
    magda.place(DEMO_ACCOUNT, "cache/to_vip", "vraag.xml", b"x" * 1201)
    make_delivered(reachable, content=b"x" * 1199)

    assert "of another size: 1201 bytes here, 1199 bytes sent" in cache(world, reachable)


def test_what_stands_there_is_said_only_when_it_is_known(
    world: World, reachable: Account, magda: PracticeMAGDA
) -> None:
    known = cache(world, reachable)
    magda.stop()

    assert "This is what stands there now." in known
    assert "This is what stands there now." not in cache(world, reachable)


def test_two_people_on_the_same_old_page_cause_one_consultation(
    world: World, reachable: Account, magda: PracticeMAGDA
) -> None:
    magda.place(DEMO_ACCOUNT, "cache/to_vip", "vraag.xml", b"<vraag/>")
    first = make_delivered(reachable)
    url = reverse("cache_send_again", args=[reachable.pk])
    form = world.browser(Visitor.CLERK).get(f"{url}?name=vraag.xml&latest={first.pk}")
    assert f'name="latest" value="{first.pk}"' in form.text
    send_cached(world, reachable, "vraag.xml")
    Transfer.objects.filter(resends=first).update(state=State.DONE, finished_at=timezone.now())

    answer = send_cached(world, reachable, "vraag.xml", latest=first.pk)

    assert answer.status_code == 422
    assert str(advice_for("transfer.sent_again_already").what) in unescape(answer.text)
    assert Transfer.objects.count() == 2


def test_a_name_that_is_on_its_way_leads_to_its_transfer(
    world: World, reachable: Account, magda: PracticeMAGDA
) -> None:
    magda.place(DEMO_ACCOUNT, "cache/to_vip", "vraag.xml", b"<vraag/>")
    first = make_delivered(reachable, holds_name=False)
    other = make_transfer(reachable)

    answers = [send_again(world, first), send_cached(world, reachable, "vraag.xml")]

    for answer in answers:
        assert answer.status_code == 422
        assert f'{reverse("transfer_show", args=[other.pk])}">#{other.pk}</a>' in answer.text


def test_a_reason_that_is_too_short_leads_nowhere(world: World, account: Account) -> None:
    answer = send_again(world, make_delivered(account), reason="kort")

    assert "Under this name:" not in answer.text
