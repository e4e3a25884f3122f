import pytest

from exchange.models import Account
from exchange.models.transfer import State, Step
from exchange.tests.builders import make_account, make_transfer
from exchange.tests.management.commands import run_command
from magda_portal.audit.queries import events_for
from magda_portal.tests.world import World


@pytest.fixture
def account(world: World) -> Account:
    return make_account(world.organisation)


def test_a_queued_transfer_is_cancelled(account: Account) -> None:
    transfer = make_transfer(account)

    outcome = run_command("cancel", transfer.pk)

    transfer.refresh_from_db()
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.rows == [["CANCELLED", "vraag.xml", str(transfer.pk)]]
    assert (transfer.state, transfer.holds_name) == (State.CANCELLED, False)
    event = events_for(transfer).last()
    assert event is not None
    assert event.actor_name.startswith("command line (")


def test_what_may_have_arrived_is_not_and_it_says_why(account: Account) -> None:
    transfer = make_transfer(account, state=State.WAITING, step=Step.RENAME_ASKED)

    outcome = run_command("cancel", transfer.pk)

    transfer.refresh_from_db()
    assert outcome.code == 1
    assert "can not be cancelled any more" in outcome.err
    assert "[transfer.rename_asked]" in outcome.err
    assert transfer.state == State.WAITING


def test_a_number_of_nothing_is_told(db: None) -> None:
    outcome = run_command("cancel", 999)

    assert (outcome.code, outcome.err) == (1, "There is no transfer 999.")
