"""Claims, leases and tokens of deliveries."""

import io
from datetime import timedelta

import pytest
from django.db.models import Q
from django.utils import timezone

from exchange.models import Account, Transfer, TransferAttempt
from exchange.models.transfer import State, Step
from exchange.services.claims import DeliveryLease, claim_next, due_deliveries
from exchange.services.lease_clock import steady_seconds
from exchange.services.stalled import free_stalled_transfers
from exchange.services.submission import Draft, Submitter, submit
from exchange.services.transfers import LeaseLostError, advance, fail, lay_back, succeed
from exchange.services.troubles import MOST_TRIES
from exchange.tests.wiring import ACTOR, wire_account
from magda_portal.audit.queries import events_for
from sandbox.authority import Authority

pytestmark = pytest.mark.django_db


@pytest.fixture
def transfer(authority: Authority) -> Transfer:
    account = wire_account("practice.vlaanderen.be/claims", port=1, authority=authority)
    return submit(Draft(account, "request.xml", Submitter(ACTOR)), content=io.BytesIO(b"<a/>"))


def claim(transfer: Transfer, among: Q | None = None) -> Transfer:
    claimed = claim_next(transfer.account, among=among or due_deliveries(timezone.now()))
    assert claimed is not None
    return claimed


def attempt(transfer: Transfer, code: str = "") -> TransferAttempt:
    return TransferAttempt(
        transfer=transfer,
        number=transfer.attempts.count() + 1,
        started_at=timezone.now(),
        error_code=code,
    )


def test_a_claim_sets_a_lease_and_raises_the_token(transfer: Transfer) -> None:
    claimed = claim(transfer)

    transfer.refresh_from_db()
    assert (transfer.state, transfer.token) == (State.RUNNING, claimed.token) == ("RUNNING", 1)
    assert transfer.lease_until is not None
    assert transfer.lease_until > timezone.now() + timedelta(seconds=50)


def test_what_is_claimed_can_not_be_claimed_again(transfer: Transfer) -> None:
    claim(transfer)

    assert claim_next(transfer.account, among=due_deliveries(timezone.now())) is None


def test_what_is_not_due_yet_is_left(transfer: Transfer) -> None:
    Transfer.objects.update(next_attempt_at=timezone.now() + timedelta(minutes=1))

    assert claim_next(transfer.account, among=due_deliveries(timezone.now())) is None


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
    assert [a.error_code for a in transfer.attempts.all()] == ["transfer.worker_lost", ""]


def test_a_stalled_transfer_is_due_again_and_keeps_its_step(transfer: Transfer) -> None:
    advance(claim(transfer), Step.RENAME_ASKED)
    Transfer.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    free_stalled_transfers(now=timezone.now())

    transfer.refresh_from_db()
    assert (transfer.state, transfer.step) == (State.WAITING, Step.RENAME_ASKED)
    assert transfer.error_code == "transfer.worker_lost"


def test_the_attempt_of_a_lost_worker_began_when_it_claimed_the_transfer(
    transfer: Transfer,
) -> None:
    claim(transfer)
    claimed = events_for(transfer).get(action="transfer.sending")
    Transfer.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    free_stalled_transfers(now=timezone.now())

    assert transfer.attempts.get().started_at == claimed.at


@pytest.mark.parametrize(("age", "begun"), [(90, 61), (30, 30)])
def test_without_that_event_it_began_a_lease_ago_but_not_before_the_submission(
    transfer: Transfer, age: int, begun: int
) -> None:
    """Such as for a row that was made before claims were recorded."""
    now = timezone.now()
    Transfer.objects.update(
        state=State.RUNNING,
        lease_until=now - timedelta(seconds=1),
        created_at=now - timedelta(seconds=age),
    )

    free_stalled_transfers(now=now)

    assert transfer.attempts.get().started_at == now - timedelta(seconds=begun)


def test_the_history_says_first_that_the_worker_went_away(transfer: Transfer) -> None:
    claim(transfer)
    Transfer.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    free_stalled_transfers(now=timezone.now())

    actions = list(events_for(transfer).values_list("action", flat=True))
    assert actions[-2:] == ["transfer.freed", "transfer.postponed"]


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


@pytest.mark.parametrize(
    ("step", "state"), [(Step.STORED, State.FAILED), (Step.RENAME_ASKED, State.UNCERTAIN)]
)
def test_a_transfer_that_cost_worker_after_worker_is_given_up(
    transfer: Transfer, step: Step, state: State
) -> None:
    advance(claim(transfer), step)
    Transfer.objects.update(
        lease_until=timezone.now() - timedelta(seconds=1), attempts_made=MOST_TRIES
    )

    free_stalled_transfers(now=timezone.now())

    transfer.refresh_from_db()
    assert (transfer.state, transfer.error_code) == (state, "transfer.worker_lost")


def test_a_suspended_account_claims_nothing_more(transfer: Transfer) -> None:
    Account.objects.update(state=Account.State.SUSPENDED)

    assert claim_next(transfer.account, among=due_deliveries(timezone.now())) is None


def test_a_backlog_drains_oldest_first(transfer: Transfer) -> None:
    """What was laid back because of the account keeps its place before what came later."""
    draft = Draft(transfer.account, "second.xml", Submitter(ACTOR))
    submit(draft, content=io.BytesIO(b"<a/>"))
    claimed = claim(transfer)
    lay_back(claimed, attempt(claimed, "connect.refused"), now=timezone.now())

    assert claim(transfer).pk == transfer.pk


def test_a_lease_that_was_let_go_is_no_longer_renewed(transfer: Transfer) -> None:
    """The delivery is done; what follows on its connection must not be stopped by its end."""
    lease = DeliveryLease()
    lease.hold(claim(transfer), claimed_at=steady_seconds() - 16)
    Transfer.objects.update(state=State.DONE)
    lease.let_go()

    lease.renew_now_and_then()


def test_a_lease_that_was_lost_stops_the_operation_under_way(transfer: Transfer) -> None:
    lease = DeliveryLease()
    lease.hold(claim(transfer), claimed_at=steady_seconds() - 16)
    Transfer.objects.update(token=99)

    with pytest.raises(LeaseLostError):
        lease.renew_now_and_then()


def test_a_lease_is_renewed_when_a_quarter_of_it_is_over(transfer: Transfer) -> None:
    lease = DeliveryLease()
    lease.hold(claim(transfer), claimed_at=steady_seconds() - 16)
    Transfer.objects.update(lease_until=timezone.now())

    lease.renew_now_and_then()

    transfer.refresh_from_db()
    assert transfer.lease_until is not None
    assert transfer.lease_until > timezone.now() + timedelta(seconds=50)


def test_a_worker_stops_when_its_lease_is_over_by_its_own_clock(transfer: Transfer) -> None:
    """Though nobody has taken the transfer yet, somebody may at any moment."""
    lease = DeliveryLease()
    lease.hold(claim(transfer), claimed_at=steady_seconds() - 60)

    with pytest.raises(LeaseLostError):
        lease.renew_now_and_then()


def test_leases_count_on_the_clock_of_the_database(transfer: Transfer) -> None:
    """A worker whose clock is an hour off neither frees what holds nor holds for an hour."""
    claim(transfer)

    assert free_stalled_transfers(now=timezone.now() + timedelta(hours=1)) == 0
    Transfer.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert free_stalled_transfers(now=timezone.now() - timedelta(hours=1)) == 1
