"""The receipt of a delivery says what the portal can prove, and who stands behind it."""

import json
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from exchange.models import Account, Transfer
from exchange.models.transfer import State
from exchange.services.decisions import settle
from exchange.tests.builders import make_collected, make_delivered, make_transfer
from magda_portal.audit.services import Actor
from magda_portal.tests.world import Visitor, World

PAGES = ("receipt_show", "receipt_json")
NAME = "vraag\u202e<b>.xml"


@pytest.fixture
def delivered(world: World, account: Account) -> Transfer:
    transfer = make_delivered(account, name=NAME, person=world.clerk, referte="ref-1")
    started_at = timezone.now()
    transfer.attempts.create(number=1, started_at=started_at, error_code="data.stalled")
    transfer.attempts.create(
        number=2,
        started_at=started_at,
        reply="226 Transfer complete",
        bytes_moved=transfer.size,
        tls_version="TLSv1.3",
        certificate_fingerprint="ab" * 32,
        transcript="> PASS ***\n< 230 Welkom\n> STOR x\n< 226 Transfer complete\n* remark",
    )
    return transfer


def receipt(world: World, transfer: Transfer, page: str, visitor: Visitor = Visitor.CLERK) -> Any:
    return world.browser(visitor).get(reverse(page, args=[transfer.pk]))


def document(world: World, transfer: Transfer) -> Any:
    return json.loads(receipt(world, transfer, "receipt_json").content)


def test_the_page_tells_what_was_delivered_where_and_what_the_server_said(
    world: World, delivered: Transfer
) -> None:
    page = receipt(world, delivered, "receipt_show").text

    for expected in (delivered.sha256, "TNI", "226 Transfer complete", "AB:AB:AB", "TLSv1.3"):
        assert expected in page
    assert "\u202e" not in page
    assert "<b>.xml" not in page
    assert "***" not in page


def test_the_file_is_a_document_with_whole_names_and_universal_times(
    world: World, delivered: Transfer
) -> None:
    response = receipt(world, delivered, "receipt_json")
    told = json.loads(response.content)

    assert response["Content-Type"] == "application/json"
    assert response["Content-Disposition"] == f'attachment; filename="receipt-{delivered.pk}.json"'
    assert response.content.isascii()
    assert told["file"]["name"] == NAME
    assert told["file"]["sha256"] == delivered.sha256
    assert told["account"]["environment"] == "TNI"
    assert told["delivered_at"].endswith("+00:00")
    assert told["confirmed_by"] == {"by": "server"}
    assert [attempt["outcome"] for attempt in told["attempts"]] == ["data.stalled", "succeeded"]
    assert told["attempts"][1]["server_replies"] == ["230 Welkom", "226 Transfer complete"]
    assert told["attempts"][1]["client_certificate_sha256"] == "ab" * 32


def test_a_delivery_that_a_person_decided_about_does_not_claim_the_servers_word(
    world: World, account: Account
) -> None:
    transfer = make_transfer(account, state=State.UNCERTAIN, finished_at=timezone.now())
    settle(transfer, arrived=True, reason="ticket 4711 says so", actor=Actor("An Peeters"))

    page = receipt(world, transfer, "receipt_show").text

    assert "did not confirm this delivery" in page
    assert "because: ticket 4711 says so" in page
    assert "The server confirmed it" not in page
    assert document(world, transfer)["confirmed_by"]["name"] == "An Peeters"


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("state", [state for state in State if state != State.DONE])
def test_there_is_none_for_what_is_not_delivered(
    world: World, account: Account, page: str, state: State
) -> None:
    transfer = make_transfer(account, state=state)

    assert receipt(world, transfer, page).status_code == 404
    case = receipt(world, transfer, "transfer_show").text
    assert reverse("receipt_show", args=[transfer.pk]) not in case


@pytest.mark.parametrize("page", PAGES)
def test_there_is_none_for_what_was_collected(world: World, account: Account, page: str) -> None:
    assert receipt(world, make_collected(account), page).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_gets_none(world: World, delivered: Transfer, page: str) -> None:
    assert receipt(world, delivered, page, Visitor.STRANGER).status_code == 404


def test_the_case_links_to_it(world: World, delivered: Transfer) -> None:
    page = receipt(world, delivered, "transfer_show").text

    assert reverse("receipt_show", args=[delivered.pk]) in page


def test_it_takes_twelve_queries(
    world: World, delivered: Transfer, django_assert_max_num_queries: Any
) -> None:
    for number in range(3, 30):
        delivered.attempts.create(number=number, started_at=timezone.now())
    browser = world.browser(Visitor.CLERK)

    with django_assert_max_num_queries(12):
        browser.get(reverse("receipt_show", args=[delivered.pk]))
