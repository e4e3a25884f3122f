"""Where a transfer is, what comes next, and what went wrong."""

from datetime import timedelta

import pytest
from django.utils import timezone

from certificates.tests.rows import give_certificate
from exchange.advice import advice_for
from exchange.models import Account
from exchange.models.transfer import State, Step
from exchange.queries import StageCode, stage_of
from exchange.tests.builders import make_transfer


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING, State.WAITING])
def test_once_the_rename_was_asked_the_portal_only_looks(account: Account, state: State) -> None:
    transfer = make_transfer(account, state=state, step=Step.RENAME_ASKED)

    stage = stage_of(transfer)

    assert stage.code is StageCode.LOOKING
    assert "sends nothing again" in str(stage.next_step)


@pytest.mark.parametrize(("seconds", "is_lost"), [(-1, True), (60, False)])
def test_a_lease_that_is_over_is_not_called_sending_now(
    account: Account, seconds: int, is_lost: bool
) -> None:
    until = timezone.now() + timedelta(seconds=seconds)
    transfer = make_transfer(account, state=State.RUNNING, lease_until=until)

    told = str(stage_of(transfer).next_step)

    assert ("finds out what became of it" in told) is is_lost
    assert ("is sending it now" in told) is not is_lost


def test_a_request_of_an_account_without_a_certificate_says_what_it_waits_for(
    account: Account,
) -> None:
    before = stage_of(make_transfer(account)).next_step
    give_certificate(account.identity)

    after = stage_of(make_transfer(account, name="later.xml")).next_step

    assert "no certificate yet" in str(before)
    assert "no certificate" not in str(after)


@pytest.mark.parametrize("code", ["delivery.not_seen", "connect.lost", "transfer.worker_lost"])
def test_an_uncertain_delivery_promises_no_further_look(account: Account, code: str) -> None:
    transfer = make_transfer(account, state=State.UNCERTAIN, error_code=code)

    trouble = stage_of(transfer).trouble

    assert trouble is not None
    assert str(trouble) == f"{advice_for(code).what} Ask MAGDA, then decide below."


@pytest.mark.parametrize("state", [State.CANCELLED, State.DONE])
def test_what_is_over_bears_no_trouble_any_more(account: Account, state: State) -> None:
    transfer = make_transfer(account, state=state, error_code="connect.refused")

    assert stage_of(transfer).trouble is None


@pytest.mark.parametrize("state", [State.QUEUED, State.WAITING, State.FAILED])
def test_what_is_not_over_says_what_went_wrong(account: Account, state: State) -> None:
    transfer = make_transfer(account, state=state, error_code="connect.refused")

    assert stage_of(transfer).trouble == advice_for("connect.refused")


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING, State.WAITING])
@pytest.mark.parametrize("minutes", [-1, 5])
def test_the_trouble_of_its_account_is_told_until_somebody_gets_through(
    account: Account, state: State, minutes: int
) -> None:
    give_certificate(account.identity)
    now = timezone.now()
    account.trouble_code, account.trouble_since = "connect.refused", now
    account.paused_until = now + timedelta(minutes=minutes)
    transfer = make_transfer(account, state=state)
    during = stage_of(transfer)
    account.trouble_code, account.trouble_since, account.paused_until = "", None, None

    after = stage_of(transfer)

    assert during.account_trouble == advice_for("connect.refused")
    assert after.account_trouble is None
    if state != State.RUNNING:
        assert "account is" in str(during.next_step)
        assert "account is free" not in str(during.next_step)


def test_a_try_that_is_planned_after_the_pause_is_told(account: Account) -> None:
    give_certificate(account.identity)
    now = timezone.now()
    account.trouble_code, account.trouble_since = "connect.refused", now
    account.paused_until = now - timedelta(minutes=1)
    planned = now + timedelta(minutes=3)

    stage = stage_of(make_transfer(account, next_attempt_at=planned))

    assert (stage.account_trouble is None, stage.next_at) == (False, planned)
