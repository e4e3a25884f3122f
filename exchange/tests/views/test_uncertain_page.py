"""The page of an uncertain delivery: what is known of it, and what may be done."""

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from exchange.advice import advice_for
from exchange.models import Account, Transfer
from exchange.models.transfer import State, Step
from exchange.tests.builders import make_transfer
from magda_portal.tests.world import Visitor, World


def show(world: World, transfer: Transfer, visitor: Visitor = Visitor.CLERK) -> str:
    url = reverse("transfer_show", args=[transfer.pk])
    return unescape(world.browser(visitor).get(url).text)


def make_uncertain(account: Account) -> Transfer:
    asked = timezone.now() - timedelta(minutes=16)
    transfer = make_transfer(
        account,
        state=State.UNCERTAIN,
        step=Step.RENAME_ASKED,
        rename_asked_at=asked,
        temporary_path="to_vip/vraag.xml.7-2.tmp",
        stood_before={"cache_to_vip": "1234 2026-03-01T08:00:00+00:00"},
        error_code="delivery.not_seen",
    )
    codes = ["data.stalled", "delivery.not_seen", "transfer.worker_lost", "delivery.not_seen"]
    for number, (minutes, code) in enumerate(zip((-30, 1, 2, 3), codes, strict=True), start=1):
        transfer.attempts.create(
            number=number, started_at=asked + timedelta(minutes=minutes), error_code=code
        )
    return transfer


@pytest.mark.parametrize("visitor", [Visitor.CLERK, Visitor.HELPDESK])
def test_the_page_of_an_uncertain_one_shows_the_evidence(
    world: World, account: Account, visitor: Visitor
) -> None:
    transfer = make_uncertain(account)
    assert transfer.rename_asked_at is not None

    page = show(world, transfer, visitor)

    evidence = page[page.index('id="evidence"') : page.index('id="facts"')]
    asked = timezone.localtime(transfer.rename_asked_at).isoformat(timespec="seconds")
    assert asked in evidence
    for path in ("to_vip/vraag.xml", "cache/to_vip/vraag.xml"):
        assert f"<code>{path}</code>: our file was not there at the last look" in evidence
    assert "to_vip/vraag.xml.7-2.tmp" in evidence
    assert "cache/to_vip</code>: 1.2" in evidence
    assert evidence.count(str(advice_for("delivery.not_seen").what)) == 2
    for no_look in ("data.stalled", "transfer.worker_lost"):
        assert str(advice_for(no_look).what) not in evidence
    assert ("It did not arrive" in evidence) is (visitor is Visitor.CLERK)
    assert reverse("transfer_send_again", args=[transfer.pk]) not in page


def test_what_did_not_arrive_is_offered_again_with_a_warning(
    world: World, account: Account
) -> None:
    transfer = make_uncertain(account)
    url = reverse("transfer_settle", args=[transfer.pk])

    world.browser(Visitor.CLERK).post(url, {"outcome": "not_arrived", "reason": "Ticket 1234"})

    page = show(world, transfer)
    assert "may be a second consultation" in page
    assert "Try it again all the same" in page
    assert "It did not arrive." in page
    transfer.refresh_from_db()
    assert transfer.state == State.FAILED


def test_a_plain_failure_is_offered_again_without_the_warning(
    world: World, account: Account
) -> None:
    page = show(world, make_transfer(account, state=State.FAILED, holds_name=False))

    assert "Try again now" in page
    assert "second consultation" not in page


def test_a_wrong_answer_shows_the_evidence_again(world: World, account: Account) -> None:
    transfer = make_uncertain(account)
    url = reverse("transfer_settle", args=[transfer.pk])

    response = world.browser(Visitor.CLERK).post(url, {"outcome": "arrived", "reason": " "})

    assert response.status_code == 422
    assert "to_vip/vraag.xml.7-2.tmp" in response.text
