"""What the page of a transfer says is true in each situation."""

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from exchange.advice import advice_for, advice_to_clerk
from exchange.models import Account, Transfer
from exchange.models.transfer import State, Step
from exchange.services.decisions import cancel, settle
from exchange.tests.builders import make_transfer
from magda_portal.audit.services import Actor
from magda_portal.tests.world import Visitor, World

SOON = timezone.now() + timedelta(days=1)


def show(world: World, transfer: Transfer) -> str:
    url = reverse("transfer_show", args=[transfer.pk])
    return unescape(world.browser(Visitor.CLERK).get(url).text)


def test_one_that_may_have_arrived_is_looked_for_and_not_tried(
    world: World, account: Account
) -> None:
    page = show(
        world,
        make_transfer(
            account,
            state=State.WAITING,
            step=Step.RENAME_ASKED,
            rename_asked_at=timezone.now(),
            next_attempt_at=SOON,
            error_code="delivery.not_seen",
        ),
    )

    assert "finding out whether it arrived" in page
    assert "Look now" in page
    assert "Next look:" in page
    assert "it stands under neither name" in page
    for untrue in ("Try again now", "Next try:", "tries again", "being sent"):
        assert untrue not in page


def test_one_that_waits_for_a_try_can_be_tried_now(world: World, account: Account) -> None:
    page = show(world, make_transfer(account, state=State.WAITING, next_attempt_at=SOON))

    assert "Try again now" in page
    assert "Next try:" in page
    assert "Look now" not in page


@pytest.mark.parametrize(("arrived", "word"), [(True, "It arrived."), (False, "did not arrive")])
def test_who_decided_and_why_stands_at_the_top(
    world: World, account: Account, arrived: bool, word: str
) -> None:
    transfer = make_transfer(account, state=State.UNCERTAIN, step=Step.RENAME_ASKED)
    settle(transfer, arrived=arrived, reason="ticket 4711 says so", actor=Actor("An Peeters"))

    page = show(world, transfer)

    top = page[: page.index('id="facts"')]
    assert word in top
    assert "An Peeters decided this on" in top
    assert "because: ticket 4711 says so" in top


def test_a_cancelled_one_shows_no_trouble_and_is_not_cancelled_twice(
    world: World, account: Account
) -> None:
    transfer = make_transfer(account, state=State.WAITING, error_code="connect.refused")
    cancel(transfer, actor=Actor("An"))

    page = show(world, transfer)
    url = reverse("transfer_cancel", args=[transfer.pk])
    again = unescape(world.browser(Visitor.CLERK).post(url, follow=True).text)

    assert str(advice_for("connect.refused").what) not in page
    assert "was cancelled already" in again


def test_an_account_in_trouble_is_explained_where_the_transfer_has_no_error(
    world: World, account: Account
) -> None:
    Account.objects.filter(pk=account.pk).update(trouble_code="login.refused", paused_until=SOON)
    spared = make_transfer(account, name="a.xml")
    hit = make_transfer(account, name="b.xml", error_code="login.refused")
    told = str(advice_to_clerk("login.refused"))

    assert told in show(world, spared).replace("</strong>", "").replace("<strong>", "")
    assert show(world, hit).count(str(advice_for("login.refused").what)) == 1


def test_an_attempt_without_a_connection_shows_dashes_and_no_zeros(
    world: World, account: Account
) -> None:
    transfer = make_transfer(account)
    transfer.attempts.create(number=1, started_at=timezone.now(), error_code="transfer.worker_lost")

    page = show(world, transfer)

    row = page[page.index("transfer.worker_lost") :]
    assert row.count("—") >= 5
    for untrue in ("→", "0 ms", ">0<"):
        assert untrue not in row
