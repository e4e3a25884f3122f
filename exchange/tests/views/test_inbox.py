from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone

from exchange.advice import advice_for
from exchange.models import Account, Payload, RemoteFile
from exchange.tests.builders import make_account, make_collected, make_delivered
from magda_portal.tests.world import Visitor, World


def page_of(world: World, visitor: Visitor = Visitor.CLERK) -> str:
    return world.browser(visitor).get(reverse("inbox")).text


def test_it_shows_what_was_collected_with_the_day_on_which_magda_removes_it(
    world: World, account: Account
) -> None:
    request = make_delivered(account, name="vraag.xml")
    make_collected(account, name="antwoord.xml", answers_to=request)
    RemoteFile.objects.update(removal_day=date(2031, 3, 4))

    page = page_of(world)

    for expected in ("antwoord.xml", "vraag.xml", "4 March 2031", "new"):
        assert expected in page


def test_what_somebody_opened_is_no_longer_new(world: World, account: Account) -> None:
    make_collected(account)
    Payload.objects.update(first_opened_at=timezone.now())

    assert "</span>opened</span>" in page_of(world)


def test_a_file_that_could_not_be_fetched_is_shown_with_its_trouble(
    world: World, account: Account
) -> None:
    RemoteFile.objects.create(
        account=account,
        folder="from_vip",
        name="groot.csv",
        size=1,
        removal_day=timezone.localdate() + timedelta(days=3),
        error_code="data.stalled",
    )

    page = page_of(world)

    assert "groot.csv" in page
    assert str(advice_for("data.stalled").what) in page


def test_it_shows_nothing_of_another_organisation(world: World) -> None:
    make_collected(make_account(world.elsewhere), name="vreemd.xml")

    assert "vreemd.xml" not in page_of(world)
    assert "vreemd.xml" in page_of(world, Visitor.HELPDESK)
    assert "vreemd.xml" in page_of(world, Visitor.STRANGER)
