"""Claims, leases and tokens of deliveries."""

import io
from datetime import timedelta

import pytest
from django.db.models import Q
from django.utils import timezone

from exchange.models import Transfer, TransferAttempt
from exchange.models.transfer import State, Step
from exchange.services.submission import Draft, Submitter, submit
from exchange.services.transfers import (
    LeaseLostError,
    advance,
    claim_next,
    due_deliveries,
    fail,
    free_stalled_transfers,
    succeed,
)
from exchange.tests.wiring import ACTOR, wire_account
from sandbox.authority import Authority

pytestmark = pytest.mark.django_db


@pytest.fixture
def transfer(authority: Authority) -> Transfer:
    account = wire_account("practice.vlaanderen.be/claims", port=1, authority=authority)
    return submit(Draft(account, "request.xml", Submitter(ACTOR)), content=io.BytesIO(b"<a/>"))


def claim(transfer: Transfer, among: Q | None = None) -> Transfer:
    now = timezone.now()
    claimed = claim_next(transfer.account, now=now, among=among or due_deliveries(now))
    assert claimed is not None
    return claimed


def attempt(transfer: Transfer, code: str = "") -> TransferAttempt:
    return TransferAttempt(
        transfer=transfer, number=transfer.token, started_at=timezone.now(), error_code=code
    )


def test_a_claim_sets_a_lease_and_raises_the_token(transfer: Transfer) -> None:
    claimed = claim(transfer)

    transfer.refresh_from_db()
    assert (transfer.state, transfer.token) == (State.RUNNING, claimed.token) == ("RUNNING", 1)
    assert transfer.lease_until is not None
    assert transfer.lease_until > timezone.now() + timedelta(seconds=50)


def test_what_is_claimed_can_not_be_claimed_again(transfer: Transfer) -> None:
    claim(transfer)

    now = timezone.now()
    assert claim_next(transfer.account, now=now, among=due_deliveries(now)) is None


def test_what_is_not_due_yet_is_left(transfer: Transfer) -> None:
    Transfer.objects.update(next_attempt_at=timezone.now() + timedelta(minutes=1))

    now = timezone.now()
    assert claim_next(transfer.account, now=now, among=due_deliveries(now)) is None


def test_a_worker_whose_lease_ran_out_can_write_nothing_more(transfer: Transfer) -> None:
    """A worker that was frozen must not write over its successor."""
    frozen = claim(transfer)
    Transfer.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert free_stalled_transfers(now=timezone.now()) == 1
    successor = claim(transfer)

    with pytest.raises(LeaseLostError):
        advance(frozen, Step.STORED)
    with pytest.raises(LeaseLostError):
        fail(frozen, attempt(frozen, "file.denied"), now=timezone.now())
    succeed(successor, attempt(successor), now=timezone.now())

    transfer.refresh_from_db()
    assert (transfer.state, transfer.token) == (State.DONE, 2)
    assert [a.number for a in transfer.attempts.all()] == [2]


def test_a_stalled_transfer_is_due_again_and_keeps_its_step(transfer: Transfer) -> None:
    advance(claim(transfer), Step.RENAME_ASKED)
    Transfer.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    free_stalled_transfers(now=timezone.now())

    transfer.refresh_from_db()
    assert (transfer.state, transfer.step) == (State.WAITING, Step.RENAME_ASKED)
    assert transfer.error_code == "transfer.worker_lost"


def test_a_transfer_whose_lease_holds_is_left_alone(transfer: Transfer) -> None:
    claim(transfer)

    assert free_stalled_transfers(now=timezone.now()) == 0


def test_a_failed_transfer_lets_its_name_go(transfer: Transfer) -> None:
    claimed = claim(transfer)

    fail(claimed, attempt(claimed, "file.denied"), now=timezone.now())

    transfer.refresh_from_db()
    assert (transfer.state, transfer.holds_name, transfer.error_code) == (
        State.FAILED,
        False,
        "file.denied",
    )
