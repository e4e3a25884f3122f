"""What a person may decide about a transfer in each state."""

import io
from datetime import timedelta

import pytest
from django.utils import timezone

from exchange.errors import StateError
from exchange.models import Transfer
from exchange.models.transfer import State, Step
from exchange.services.claims import due_deliveries
from exchange.services.decisions import cancel, may_have_arrived, retry, settle
from exchange.services.submission import Draft, Submitter, submit
from exchange.tests.wiring import ACTOR, wire_account
from magda_portal.audit.queries import events_for
from sandbox.authority import Authority

pytestmark = pytest.mark.django_db


@pytest.fixture
def transfer(authority: Authority) -> Transfer:
    account = wire_account("practice.vlaanderen.be/decisions", port=1, authority=authority)
    return submit(Draft(account, "request.xml", Submitter(ACTOR)), content=io.BytesIO(b"<a/>"))


def put(transfer: Transfer, state: State, **fields: object) -> None:
    Transfer.objects.filter(pk=transfer.pk).update(state=state, **fields)


@pytest.mark.parametrize("state", [State.QUEUED, State.WAITING])
def test_what_is_not_on_its_way_can_be_cancelled(transfer: Transfer, state: State) -> None:
    put(transfer, state, error_code="connect.refused")

    cancel(transfer, actor=ACTOR)

    transfer.refresh_from_db()
    assert (transfer.state, transfer.holds_name) == (State.CANCELLED, False)
    assert transfer.error_code == ""
    assert events_for(transfer).last().action == "transfer.cancelled"  # type: ignore[union-attr]  # there is one


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (State.RUNNING, "transfer.being_sent"),
        (State.DONE, "transfer.cannot_cancel"),
        (State.FAILED, "transfer.cannot_cancel"),
        (State.CANCELLED, "transfer.cancelled_already"),
        (State.UNCERTAIN, "transfer.cannot_cancel"),
    ],
)
def test_nothing_else_can_be_cancelled(transfer: Transfer, state: State, code: str) -> None:
    put(transfer, state)

    with pytest.raises(StateError, match=code):
        cancel(transfer, actor=ACTOR)

    transfer.refresh_from_db()
    assert transfer.state == state


@pytest.mark.parametrize("state", [State.QUEUED, State.WAITING, State.RUNNING])
def test_what_may_have_arrived_cannot_be_cancelled(transfer: Transfer, state: State) -> None:
    put(transfer, state, step=Step.RENAME_ASKED)

    with pytest.raises(StateError, match="rename_asked"):
        cancel(transfer, actor=ACTOR)

    transfer.refresh_from_db()
    assert transfer.state == state


def test_a_confirmed_file_that_waits_can_still_be_cancelled(transfer: Transfer) -> None:
    put(transfer, State.WAITING, step=Step.CONFIRMED)

    cancel(transfer, actor=ACTOR)

    transfer.refresh_from_db()
    assert transfer.state == State.CANCELLED


def test_a_failed_delivery_can_be_tried_again(transfer: Transfer) -> None:
    put(transfer, State.FAILED, holds_name=False, error_code="file.denied", attempts_made=3)

    retry(transfer, actor=ACTOR)

    transfer.refresh_from_db()
    assert (transfer.state, transfer.holds_name, transfer.error_code) == (State.QUEUED, True, "")


def test_a_failed_delivery_whose_name_was_taken_meanwhile_is_not(transfer: Transfer) -> None:
    put(transfer, State.FAILED, holds_name=False)
    draft = Draft(transfer.account, "request.xml", Submitter(ACTOR))
    submit(draft, content=io.BytesIO(b"<b/>"))

    with pytest.raises(StateError, match=r"name\.held"):
        retry(transfer, actor=ACTOR)

    transfer.refresh_from_db()
    assert transfer.state == State.FAILED


@pytest.mark.parametrize("state", [State.RUNNING, State.DONE, State.CANCELLED, State.UNCERTAIN])
def test_nothing_else_can_be_tried_again(transfer: Transfer, state: State) -> None:
    put(transfer, state)

    with pytest.raises(StateError, match="cannot_retry"):
        retry(transfer, actor=ACTOR)


@pytest.mark.parametrize(
    ("arrived", "state", "code"),
    [(True, State.DONE, ""), (False, State.FAILED, "delivery.not_arrived")],
)
def test_an_uncertain_delivery_is_settled_with_a_reason(
    transfer: Transfer, arrived: bool, state: State, code: str
) -> None:
    put(transfer, State.UNCERTAIN, error_code="delivery.not_seen")

    settle(transfer, arrived=arrived, reason="seen in the folder", actor=ACTOR)

    transfer.refresh_from_db()
    event = events_for(transfer).last()
    assert (transfer.state, transfer.holds_name) == (state, arrived)
    assert transfer.error_code == code
    assert event is not None
    assert event.details["reason"] == "seen in the folder"


@pytest.mark.parametrize(
    ("reason", "code"),
    [("no", "reason_short"), ("  seen it  ", "reason_short"), ("x" * 301, "reason_long")],
)
def test_a_decision_needs_a_reason_of_some_length(
    transfer: Transfer, reason: str, code: str
) -> None:
    put(transfer, State.UNCERTAIN)

    with pytest.raises(StateError, match=code):
        settle(transfer, arrived=False, reason=reason, actor=ACTOR)

    transfer.refresh_from_db()
    assert transfer.state == State.UNCERTAIN


def test_what_did_not_arrive_is_not_sent_by_itself(transfer: Transfer) -> None:
    put(transfer, State.UNCERTAIN, step=Step.RENAME_ASKED, next_attempt_at=None)

    settle(transfer, arrived=False, reason="MAGDA never saw it", actor=ACTOR)

    due = Transfer.objects.filter(due_deliveries(timezone.now() + timedelta(days=365)))
    assert not due.exists()
    retry(transfer, actor=ACTOR)
    assert due.get() == transfer


def test_only_a_failure_after_the_rename_may_have_arrived(transfer: Transfer) -> None:
    put(transfer, State.FAILED)
    transfer.refresh_from_db()
    assert not may_have_arrived(transfer)

    put(transfer, State.FAILED, rename_asked_at=timezone.now())
    transfer.refresh_from_db()
    assert may_have_arrived(transfer)


def test_settling_twice_does_nothing_more(transfer: Transfer) -> None:
    put(transfer, State.UNCERTAIN)
    settle(transfer, arrived=True, reason="seen in the folder", actor=ACTOR)

    with pytest.raises(StateError, match="not_uncertain"):
        settle(transfer, arrived=False, reason="second thoughts", actor=ACTOR)
