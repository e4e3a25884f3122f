"""What the overview tells a clerk to do, and in which words."""

from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from django.test.client import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from certificates.tests.rows import give_certificate
from exchange.models import Account, Payload
from exchange.models.transfer import State
from exchange.queries.overview import Need
from exchange.tests.builders import make_account, make_collected, make_delivered, make_transfer
from exchange.tests.views.bringing import brought, page_of
from magda_portal.people.models import Membership, Role
from magda_portal.tests.world import Visitor, World

HOUR = timedelta(hours=1)


def needs(browser: Client) -> list[Need]:
    found: list[Need] = browser.get(reverse("overview")).context["overview"].needs
    return found


def words(browser: Client) -> list[str]:
    return [need.words for need in needs(browser)]


@pytest.fixture(autouse=True)
def store(tmp_path: Path, settings: Settings) -> Path:
    settings.PAYLOAD_DIR = tmp_path
    return tmp_path


@pytest.fixture
def clerk(world: World) -> Client:
    return world.browser(Visitor.CLERK)


@pytest.fixture
def healthy(account: Account) -> Account:
    """An account with nothing to report."""
    give_certificate(account.identity)
    Account.objects.update(last_looked_at=timezone.now(), last_reached_at=timezone.now())
    return account


def test_the_first_line_says_that_there_is_nothing_to_do(healthy: Account, clerk: Client) -> None:
    make_delivered(healthy)

    page = clerk.get(reverse("overview")).text

    assert "You have nothing to do here now" in page
    assert page.index("You have nothing to do here now") < page.index("<h2", page.index("</h2>"))
    assert f'href="{reverse("send")}"' in page


def test_what_went_wrong_is_told_with_its_number_and_the_way_there(
    healthy: Account, clerk: Client
) -> None:
    now = timezone.now()
    make_transfer(healthy, name="a.xml", state=State.FAILED, finished_at=now)
    make_transfer(healthy, name="b.xml", state=State.FAILED, finished_at=now)
    make_transfer(healthy, name="c.xml", state=State.UNCERTAIN, finished_at=now)
    make_collected(healthy)

    found = needs(clerk)

    assert [(need.words.split(".")[0], need.tone) for need in found] == [
        ("2 requests failed", "bad"),
        ("1 request is uncertain", "bad"),
        ("1 answer or publication was not opened yet", "neutral"),
    ]
    assert [need.link for need in found] == [
        f"{reverse('transfers')}?state=failed",
        f"{reverse('transfers')}?state=uncertain",
        f"{reverse('inbox')}?read=new",
    ]
    assert "There are 3 things for you to do" in clerk.get(reverse("overview")).text


def test_failures_of_weeks_ago_are_history(healthy: Account, clerk: Client) -> None:
    long_ago = timezone.now() - timedelta(days=15)
    make_transfer(healthy, state=State.FAILED, finished_at=long_ago)

    assert words(clerk) == []


def test_what_somebody_opened_is_no_longer_new(healthy: Account, clerk: Client) -> None:
    make_collected(healthy)
    Payload.objects.update(first_opened_at=timezone.now())

    assert words(clerk) == []


@pytest.mark.parametrize(("minutes", "is_told"), [(10, False), (40, True), (15 * 24 * 60, False)])
def test_a_request_that_magda_leaves_lying_is_told_after_half_an_hour(
    healthy: Account, clerk: Client, minutes: int, is_told: bool
) -> None:
    make_delivered(healthy, finished_at=timezone.now() - timedelta(minutes=minutes))

    found = words(clerk)

    assert any("more than half an hour" in each for each in found) is is_told


def test_the_sentence_about_requests_left_lying_leads_to_exactly_those(
    healthy: Account, clerk: Client
) -> None:
    now = timezone.now()
    make_delivered(healthy, name="vers.xml", finished_at=now)
    make_delivered(healthy, name="lang geleden.xml", finished_at=now - timedelta(days=15))
    make_delivered(healthy, name="opgepikt.xml", finished_at=now - HOUR, picked_up_at=now)
    answered = make_delivered(healthy, name="beantwoord.xml", finished_at=now - HOUR)
    make_collected(healthy, answers_to=answered)
    make_delivered(healthy, name="blijft liggen.xml", finished_at=now - HOUR)
    (link,) = [need.link for need in needs(clerk) if "half an hour" in need.words]

    rows = clerk.get(link).context["page"].rows

    assert [row.final_name for row in rows] == ["blijft liggen.xml"]


def test_a_request_that_was_picked_up_or_answered_does_not_lie(
    healthy: Account, clerk: Client
) -> None:
    ago = timezone.now() - HOUR
    make_delivered(healthy, name="a.xml", finished_at=ago, picked_up_at=ago)
    answered = make_delivered(healthy, name="b.xml", finished_at=ago)
    make_collected(healthy, answers_to=answered)
    Payload.objects.update(first_opened_at=timezone.now())

    assert words(clerk) == []


@pytest.mark.parametrize("visitor", [Visitor.CLERK, Visitor.ADMINISTRATOR])
@pytest.mark.parametrize("state", [State.QUEUED, State.WAITING])
@pytest.mark.parametrize("trouble", ["", "account.no_certificate"])
def test_files_that_wait_for_a_certificate_are_urgent(
    world: World, account: Account, visitor: Visitor, state: State, trouble: str
) -> None:
    before = words(world.browser(visitor))
    make_transfer(account, state=state)
    if trouble:
        Account.objects.update(trouble_code=trouble, trouble_since=timezone.now())

    (need,) = needs(world.browser(visitor))

    assert before == []
    assert (need.tone, need.link) == ("bad", reverse("account_show", args=[account.pk]))
    assert account.name in need.words


def test_a_suspended_account_without_a_certificate_is_left_alone(
    account: Account, clerk: Client
) -> None:
    make_transfer(account)
    Account.objects.update(state=Account.State.SUSPENDED)

    assert words(clerk) == []


def test_requests_that_wait_for_their_answer_are_told_and_listed(
    healthy: Account, clerk: Client, world: World
) -> None:
    now = timezone.now()
    make_delivered(healthy, name="vers.xml")
    make_delivered(healthy, name="opgepikt.xml", finished_at=now - HOUR, picked_up_at=now)
    make_delivered(healthy, name="blijft liggen.xml", finished_at=now - HOUR)
    long_ago = now - timedelta(days=15)
    make_delivered(healthy, name="oud.xml", finished_at=long_ago, picked_up_at=long_ago)
    make_collected(healthy, answers_to=make_delivered(healthy, name="beantwoord.xml"))
    elsewhere = make_account(world.elsewhere, common_name="kb/elders")
    make_delivered(elsewhere, name="van een ander.xml")

    page = unescape(clerk.get(reverse("overview")).text)
    rows = clerk.get(f"{reverse('transfers')}?state=awaiting").context["page"].rows

    assert "2 requests were delivered and wait for MAGDA's answer" in page
    assert f'href="{reverse("transfers")}?state=awaiting"' in page
    assert "No request is on its way" not in page
    assert {row.final_name for row in rows} == {"vers.xml", "opgepikt.xml"}


def test_when_nothing_is_awaited_nothing_is_on_its_way(healthy: Account, clerk: Client) -> None:
    make_collected(healthy, answers_to=make_delivered(healthy))

    assert "No request is on its way." in clerk.get(reverse("overview")).text


def test_an_account_that_stands_still_is_named(healthy: Account, clerk: Client) -> None:
    Account.objects.update(trouble_code="connect.refused", trouble_since=timezone.now())

    found = needs(clerk)

    assert [need.link for need in found] == [reverse("account_show", args=[healthy.pk])]
    assert healthy.name in found[0].words


def test_nothing_of_another_organisation_is_told(world: World, healthy: Account) -> None:
    make_transfer(healthy, state=State.FAILED, finished_at=timezone.now())
    make_collected(healthy)

    browser = world.browser(Visitor.STRANGER)

    assert words(browser) == []
    assert healthy.name not in browser.get(reverse("overview")).text


def test_who_is_clerk_elsewhere_is_not_asked_to_mend_what_they_only_administer(
    world: World, healthy: Account
) -> None:
    Membership.objects.create(
        person=world.administrator, organisation=world.elsewhere, role=Role.CLERK
    )
    make_transfer(healthy, state=State.FAILED, finished_at=timezone.now())
    theirs = make_account(world.elsewhere, common_name="kb/elders", last_looked_at=timezone.now())
    make_transfer(theirs, state=State.UNCERTAIN, finished_at=timezone.now())

    found = words(world.browser(Visitor.ADMINISTRATOR))

    assert [each for each in found if "failed" in each] == []
    assert [each for each in found if "uncertain" in each] != []


def test_what_is_on_its_way_is_listed_newest_first(healthy: Account, clerk: Client) -> None:
    for number in range(7):
        make_transfer(healthy, name=f"vraag{number}.xml")

    response = clerk.get(reverse("overview"))

    assert [transfer.final_name for transfer in response.context["facts"].moving] == [
        "vraag6.xml",
        "vraag5.xml",
        "vraag4.xml",
        "vraag3.xml",
        "vraag2.xml",
    ]
    assert "See all 7 requests that are on their way" in response.text


def test_a_name_that_would_be_markup_is_shown_as_text(healthy: Account, clerk: Client) -> None:
    make_transfer(healthy, name="<script>alert(1)</script>\u202efdp.xml")

    page = clerk.get(reverse("overview")).text

    assert "<script>alert" not in page
    assert "\u202e" not in page


def test_without_an_account_the_first_steps_are_told(world: World, clerk: Client) -> None:
    page = unescape(clerk.get(reverse("overview")).text)

    assert "These are the first steps" in page
    assert "There is no account to exchange files with yet." in page


def test_only_clerks_are_asked_to_send(world: World, account: Account) -> None:
    pages = {
        visitor: world.browser(visitor).get(reverse("overview")).text
        for visitor in (Visitor.CLERK, Visitor.ADMINISTRATOR, Visitor.HELPDESK)
    }

    assert [visitor for visitor, page in pages.items() if "Send a file" in page] == [Visitor.CLERK]


def test_checked_files_wait_for_who_brought_them(
    healthy: Account, world: World, clerk: Client
) -> None:
    uploads = brought(world, healthy, "a.xml", "b.xml", "c.xml")

    (need,) = needs(clerk)
    page = clerk.get(reverse("send")).text

    assert need.words == "3 checked files wait for you; they are not sent yet."
    assert need.link == page_of(uploads[0])
    assert need.words in page
    assert f'href="{need.link}"' in page
    # They are the clerk's own: nobody else can send them.
    assert words(world.browser(Visitor.ADMINISTRATOR)) == []


def test_checked_files_of_several_forms_are_found_where_files_are_sent(
    healthy: Account, world: World, clerk: Client
) -> None:
    first, second = brought(world, healthy, "a.xml") + brought(world, healthy, "b.xml")

    (need,) = needs(clerk)
    page = clerk.get(reverse("send")).text

    assert need.words == "2 checked files wait for you; they are not sent yet."
    assert need.link == reverse("send") + "#waiting"
    assert all(f'href="{page_of(each)}"' in page for each in (first, second))
