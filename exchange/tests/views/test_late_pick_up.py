"""Help about a file that MAGDA does not pick up, on the page of its case."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from certificates.tests.rows import give_certificate
from exchange.models import Account, Service, Transfer
from exchange.tests.builders import make_collected, make_delivered
from magda_portal.tests.world import Visitor, World

NOW = timezone.now()
ANSWER: dict[str, Any] = {"message_kind": "ANSWER", "service": "GeefPersoon"}


def show(
    world: World, transfer: Transfer, visitor: Visitor = Visitor.CLERK, query: str = ""
) -> str:
    url = reverse("transfer_show", args=[transfer.pk]) + query
    return unescape(world.browser(visitor).get(url).text)


def delivered_for(account: Account, minutes: int, **columns: Any) -> Transfer:
    finished_at = timezone.now() - timedelta(minutes=minutes)
    return make_delivered(account, finished_at=finished_at, **columns)


@pytest.mark.parametrize(("minutes", "is_late"), [(29, False), (31, True)])
def test_after_half_an_hour_a_file_that_stands_there_gets_help(
    world: World, account: Account, minutes: int, is_late: bool
) -> None:
    transfer = delivered_for(account, minutes)

    page = show(world, transfer)

    assert ("Usually the file name is the reason" in page) is is_late


def test_help_names_the_patterns_that_the_name_misses(world: World, account: Account) -> None:
    Service.objects.create(account=account, name="GeefPersoon", pattern="persoon_*.xml")
    Service.objects.create(account=account, name="GeefWoning", pattern="woning_{date}.xml")
    transfer = delivered_for(account, 60, name="vraag.xml")

    page = show(world, transfer)

    assert "fits none of the patterns" in page
    assert "GeefPersoon: <code>persoon_*.xml</code>" in page
    assert "GeefWoning: <code>woning_{date}.xml</code>" in page
    assert "letter by letter" not in page


def test_help_says_that_the_name_fits_a_pattern(world: World, account: Account) -> None:
    Service.objects.create(account=account, name="GeefPersoon", pattern="persoon_*.xml")
    Service.objects.create(account=account, name="GeefWoning", pattern="woning_{date}.xml")
    transfer = delivered_for(account, 60, name="persoon_1.xml")

    page = show(world, transfer)

    assert "so it is probably right" in page
    assert "GeefPersoon: <code>persoon_*.xml</code>" in page
    assert "GeefWoning" not in page
    assert "Usually the file name is the reason" not in page


def test_a_file_that_was_picked_up_gets_no_such_help(world: World, account: Account) -> None:
    transfer = delivered_for(account, 90, picked_up_at=NOW)
    answered = delivered_for(account, 90, name="b.xml")
    make_collected(account, answers_to=answered)

    for each in (transfer, answered):
        assert "Usually the file name" not in show(world, each)


def test_help_says_when_the_portal_could_not_look(world: World, account: Account) -> None:
    transfer = delivered_for(account, 60)

    before = show(world, transfer)
    Account.objects.filter(pk=account.pk).update(last_looked_at=timezone.now())
    after = show(world, transfer)

    assert "has not been able to look" in before
    assert "has not been able to look" not in after
    assert "The portal last looked on" in after


def test_after_two_weeks_nobody_is_told_to_wait(world: World, account: Account) -> None:
    transfer = delivered_for(account, 15 * 24 * 60)

    page = show(world, transfer)

    assert "within two weeks" in page
    assert "Usually the file name" not in page


def test_a_case_says_when_the_portal_looks_again(world: World, account: Account) -> None:
    at = timezone.now() + timedelta(minutes=4)
    Account.objects.filter(pk=account.pk).update(next_collection_at=at)
    transfer = make_delivered(account)

    without_certificate = show(world, transfer)
    give_certificate(account.identity)
    page = show(world, transfer)

    assert "Next look:" not in without_certificate
    assert (
        f'Next look: <time datetime="{timezone.localtime(at).isoformat(timespec="seconds")}' in page
    )


def test_the_help_about_a_late_pick_up_stays_within_the_measure(
    world: World, account: Account, django_assert_max_num_queries: Any
) -> None:
    for number in range(15):
        Service.objects.create(account=account, name=f"Dienst {number}", pattern=f"{number}*.xml")
    request = delivered_for(account, 60, name="vraag.xml")
    browser = world.browser(Visitor.CLERK)

    with django_assert_max_num_queries(12):
        page = browser.get(reverse("transfer_show", args=[request.pk])).text

    assert page.count("<code>") >= 15
