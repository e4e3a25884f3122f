"""One transfer, and what a clerk decides."""

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from exchange.advice import advice_for
from exchange.models import Account, Transfer, TransferAttempt
from exchange.models.transfer import State, Step
from exchange.tests.builders import make_collected, make_delivered, make_transfer
from magda_portal.audit.actions import Action
from magda_portal.audit.models import AuditEvent
from magda_portal.audit.services import Actor, Subject, record
from magda_portal.tests.world import Visitor, World


def show(world: World, transfer: Transfer, visitor: Visitor = Visitor.CLERK) -> str:
    return world.browser(visitor).get(reverse("transfer_show", args=[transfer.pk])).text


def decide(world: World, name: str, transfer: Transfer, **fields: object) -> str:
    url = reverse(name, args=[transfer.pk])
    return world.browser(Visitor.CLERK).post(url, fields, follow=True).text


def test_a_name_that_tries_to_deceive_is_shown_escaped(world: World, account: Account) -> None:
    collected = make_collected(account, name="<b>rekening\u202elmx.exe")

    for page in (show(world, collected), world.browser(Visitor.CLERK).get(reverse("inbox")).text):
        assert "\u202e" not in page
        assert "<b>rekening" not in page
        assert "&lt;b&gt;rekening\\u202elmx.exe" in page


def test_a_transfer_shows_its_history_with_who_and_when(world: World, account: Account) -> None:
    transfer = make_transfer(account, person=world.clerk)
    subject = Subject.row(transfer)
    record(Action.TRANSFER_SUBMITTED, actor=Actor.person(world.clerk), subject=subject)
    record(
        Action.TRANSFER_POSTPONED,
        actor=Actor("MAGDA portal"),
        subject=subject,
        details={"error": "data.stalled", "next": timezone.now().isoformat()},
    )

    page = show(world, transfer)

    assert page.index("request submitted") < page.index("will be tried again")
    assert str(world.clerk) in page
    assert str(advice_for("data.stalled").what) in page
    assert '<time datetime="' in page


def test_a_transfer_shows_its_attempts_with_the_dialogue(world: World, account: Account) -> None:
    transfer = make_transfer(account)
    TransferAttempt.objects.create(
        transfer=transfer,
        number=1,
        started_at=timezone.now(),
        reply="550 Nee <script>",
        error_code="file.denied",
        stage="command",
        tls_version="TLSv1.3",
        transcript="> STOR x\n< 550 Nee",
    )

    page = show(world, transfer, Visitor.HELPDESK)

    for expected in ("550 Nee &lt;script&gt;", "file.denied", "TLSv1.3", "&gt; STOR x"):
        assert expected in page


def test_an_error_comes_with_what_to_do(world: World, account: Account) -> None:
    failed = make_transfer(account, state=State.FAILED, error_code="file.denied", holds_name=False)

    page = show(world, failed)

    assert str(advice_for("file.denied").next) in unescape(page)


def test_a_waiting_transfer_says_when_it_is_tried_again(world: World, account: Account) -> None:
    at = timezone.now() + timedelta(minutes=7)
    waiting = make_transfer(account, state=State.WAITING, next_attempt_at=at)

    assert timezone.localtime(at).isoformat(timespec="seconds") in show(world, waiting)


def test_answer_and_request_link_to_each_other(world: World, account: Account) -> None:
    request = make_delivered(account)
    answer = make_collected(account, answers_to=request)

    assert reverse("transfer_show", args=[answer.pk]) in show(world, request)
    assert reverse("transfer_show", args=[request.pk]) in show(world, answer)


@pytest.mark.parametrize(
    ("state", "asks"),
    [(State.QUEUED, True), (State.WAITING, True), (State.DONE, True), (State.FAILED, False)],
)
def test_the_page_asks_again_only_while_something_can_move(
    world: World, account: Account, state: State, asks: bool
) -> None:
    transfer = make_transfer(account, state=state)

    response = world.browser(Visitor.CLERK).get(reverse("transfer_show", args=[transfer.pk]))

    assert ("hx-get=" in response.text) is asks
    # No page loads itself anew while somebody reads it (WCAG 2.2.2).
    assert "Refresh" not in response


@pytest.mark.parametrize("visitor", [Visitor.ADMINISTRATOR, Visitor.HELPDESK])
def test_only_clerks_see_the_buttons(world: World, account: Account, visitor: Visitor) -> None:
    transfer = make_transfer(account)

    assert "Cancel the transfer" in show(world, transfer)
    assert "Cancel the transfer" not in show(world, transfer, visitor)
    assert reverse("payload_download", args=[transfer.pk]) not in show(world, transfer, visitor)


def test_a_clerk_cancels_what_is_not_on_its_way(world: World, account: Account) -> None:
    transfer = make_transfer(account)

    page = decide(world, "transfer_cancel", transfer)

    transfer.refresh_from_db()
    assert transfer.state == State.CANCELLED
    assert "The transfer is cancelled" in page
    assert AuditEvent.objects.get(action="transfer.cancelled").actor_id == str(world.clerk.pk)


def test_what_is_delivered_can_not_be_cancelled(world: World, account: Account) -> None:
    transfer = make_delivered(account)

    page = decide(world, "transfer_cancel", transfer)

    assert str(advice_for("transfer.cannot_cancel").what) in page
    transfer.refresh_from_db()
    assert transfer.state == State.DONE


def test_a_clerk_tries_a_failed_transfer_again(world: World, account: Account) -> None:
    transfer = make_transfer(account, state=State.FAILED, holds_name=False)

    decide(world, "transfer_retry", transfer)

    transfer.refresh_from_db()
    assert transfer.state == State.QUEUED


def test_a_name_taken_meanwhile_can_not_be_tried_again(world: World, account: Account) -> None:
    failed = make_transfer(account, state=State.FAILED, holds_name=False)
    make_transfer(account)

    page = decide(world, "transfer_retry", failed)

    assert str(advice_for("name.held").what) in page


@pytest.mark.parametrize(
    ("outcome", "state"), [("arrived", State.DONE), ("not_arrived", State.FAILED)]
)
def test_a_clerk_settles_an_uncertain_transfer_with_a_reason(
    world: World, account: Account, outcome: str, state: State
) -> None:
    transfer = make_transfer(account, state=State.UNCERTAIN, step=Step.RENAME_ASKED)

    page = decide(world, "transfer_settle", transfer, outcome=outcome, reason="Ticket 1234")

    transfer.refresh_from_db()
    assert transfer.state == state
    assert "Ticket 1234" in page


@pytest.mark.parametrize(
    "fields",
    [
        {"outcome": "arrived"},
        {"reason": "Ticket 1234"},
        {"outcome": "not_arrived", "reason": "no"},
    ],
)
def test_nothing_is_settled_without_outcome_and_a_whole_reason(
    world: World, account: Account, fields: dict[str, str]
) -> None:
    transfer = make_transfer(account, state=State.UNCERTAIN)

    url = reverse("transfer_settle", args=[transfer.pk])
    response = world.browser(Visitor.CLERK).post(url, fields)

    assert response.status_code == 422
    transfer.refresh_from_db()
    assert transfer.state == State.UNCERTAIN
