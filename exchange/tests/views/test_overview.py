from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from certificates.tests.rows import give_certificate
from exchange.advice import advice_for
from exchange.models import Account, RemoteFile
from exchange.tests.builders import make_collected, make_delivered, make_transfer
from magda_portal.tests.world import Visitor, World


@pytest.mark.parametrize("visitor", [Visitor.CLERK, Visitor.ADMINISTRATOR, Visitor.HELPDESK])
def test_it_counts_what_the_person_sees(world: World, account: Account, visitor: Visitor) -> None:
    make_transfer(account)
    make_delivered(account, name="klaar.xml")
    make_collected(account)

    found = world.browser(visitor).get(reverse("overview")).context["overview"]

    assert found.on_their_way == 1
    assert [summary.account for summary in found.facts.accounts] == [account]


def test_a_stranger_sees_nothing_of_it(world: World, account: Account) -> None:
    make_transfer(account)

    page = world.browser(Visitor.STRANGER).get(reverse("overview"))

    assert page.context["overview"].on_their_way == 0
    assert account.name not in page.text


def test_an_account_in_trouble_is_counted(world: World, account: Account) -> None:
    give_certificate(account.identity)
    Account.objects.filter(pk=account.pk).update(trouble_code="login.refused")

    page = world.browser(Visitor.CLERK).get(reverse("overview"))

    assert page.context["overview"].in_trouble == 1
    assert "in trouble" in page.text


def waiting_at_magda(account: Account, name: str, *, days: int) -> RemoteFile:
    return RemoteFile.objects.create(
        account=account,
        folder="from_vip",
        name=name,
        size=1,
        removal_day=timezone.localdate() + timedelta(days=days),
    )


@pytest.mark.parametrize("visitor", [Visitor.CLERK, Visitor.ADMINISTRATOR, Visitor.HELPDESK])
def test_files_that_are_lost_within_three_days_can_not_be_missed(
    world: World, account: Account, visitor: Visitor
) -> None:
    waiting_at_magda(account, "a.xml", days=2)
    waiting_at_magda(account, "b.xml", days=6)
    waiting_at_magda(account, "c.xml", days=9)

    page = world.browser(visitor).get(reverse("overview"))

    facts = page.context["facts"]
    assert (facts.at_risk, facts.alarming) == (2, 1)
    assert "1 file is lost in less than three days" in page.text
    assert f"{reverse('inbox')}#waiting" in page.text


def test_files_with_more_time_are_counted_quietly(world: World, account: Account) -> None:
    waiting_at_magda(account, "b.xml", days=6)

    page = world.browser(Visitor.CLERK).get(reverse("overview"))

    assert page.context["facts"].at_risk == 1
    assert "is lost in" not in page.text
    assert "MAGDA removes 1 file within a week" in page.text


def test_files_at_risk_of_others_are_not_told(world: World, account: Account) -> None:
    waiting_at_magda(account, "a.xml", days=0)

    facts = world.browser(Visitor.STRANGER).get(reverse("overview")).context["facts"]

    assert (facts.at_risk, facts.alarming) == (0, 0)


def test_an_account_that_could_not_be_looked_at_is_told_of(world: World, account: Account) -> None:
    give_certificate(account.identity)
    Account.objects.update(last_looked_at=timezone.now())
    before = world.browser(Visitor.CLERK).get(reverse("overview")).text
    Account.objects.update(last_looked_at=timezone.now() - timedelta(hours=2))

    page = world.browser(Visitor.CLERK).get(reverse("overview")).text

    words = "We have not been able to look at MAGDA since"
    assert words not in before
    assert words in unescape(page)
    assert words not in world.browser(Visitor.STRANGER).get(reverse("overview")).text


@pytest.mark.parametrize(
    ("reserve_mb", "limit", "code"),
    [(10**9, 1, "storage.used_up"), (1, 10**15, "storage.low")],
)
def test_who_can_do_something_about_it_sees_that_the_disk_fills_up(
    world: World, account: Account, settings: Settings, reserve_mb: int, limit: int, code: str
) -> None:
    settings.STORAGE_RESERVE_MB, settings.UPLOAD_LIMIT = reserve_mb, limit

    pages = {
        visitor: unescape(world.browser(visitor).get(reverse("overview")).text)
        for visitor in (Visitor.HELPDESK, Visitor.CLERK, Visitor.ADMINISTRATOR)
    }

    told = str(advice_for(code).what)
    told_to = [visitor for visitor, page in pages.items() if told in page]
    assert told_to == [Visitor.HELPDESK, Visitor.ADMINISTRATOR]


def test_a_disk_that_can_not_be_looked_at_is_said_and_one_with_room_is_not(
    world: World, settings: Settings, tmp_path: Path
) -> None:
    settings.STORAGE_RESERVE_MB, settings.UPLOAD_LIMIT = 1, 1
    helpdesk = world.browser(Visitor.HELPDESK)
    fine = helpdesk.get(reverse("overview"))
    settings.PAYLOAD_DIR = tmp_path / "away"

    page = helpdesk.get(reverse("overview"))

    assert fine.context["storage"] is None
    assert str(advice_for("storage.unreadable").what) in unescape(page.text)


@pytest.mark.parametrize(("days", "may_lose"), [(10, False), (12, True)])
def test_an_account_unseen_for_long_says_from_when_files_are_lost(
    world: World, account: Account, days: int, may_lose: bool
) -> None:
    give_certificate(account.identity)
    looked = timezone.now() - timedelta(days=days)
    Account.objects.update(last_looked_at=looked)

    page = unescape(world.browser(Visitor.CLERK).get(reverse("overview")).text)

    lost_from = timezone.localdate(looked + timedelta(days=14)).isoformat()
    assert ("may be lost for good" in page) is may_lose
    assert (lost_from in page) is may_lose


def test_an_account_that_nobody_looks_at_by_decision_raises_no_such_alarm(
    world: World, account: Account
) -> None:
    give_certificate(account.identity)
    Account.objects.update(
        state=Account.State.SUSPENDED, last_looked_at=timezone.now() - timedelta(days=12)
    )

    page = world.browser(Visitor.CLERK).get(reverse("overview")).text

    assert "may be lost for good" not in page
