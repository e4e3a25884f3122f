import pytest

from exchange.models import Account
from exchange.services.accounts import open_account
from exchange.tests.management.commands import run_command
from magda_portal.audit.services import Actor


@pytest.fixture
def account(db: None) -> Account:
    opened, _ = open_account(
        "demo", organisation="Gemeente", environment="TNI", actor=Actor(name="a test")
    )
    return opened


def test_an_address_is_requested(account: Account) -> None:
    outcome = run_command("add_address", "demo", "131.189.106.246")

    assert (outcome.code, outcome.rows) == (0, [["requested", "131.189.106.246", "slot 1"]])


def test_an_address_that_magda_confirmed_is_active_at_once(account: Account) -> None:
    outcome = run_command("add_address", "demo", "131.189.106.246", "--active", "--purpose", "NAT")

    assert (outcome.code, outcome.rows) == (0, [["active", "131.189.106.246", "slot 1"]])
    row = account.addresses.get()
    assert (row.state, row.purpose) == ("ACTIVE", "NAT")


def test_a_refused_address_does_not_keep_the_others_back(account: Account) -> None:
    outcome = run_command("add_address", "demo", "10.0.0.1", "131.189.106.0/24", "131.189.106.246")

    assert outcome.code == 1
    assert [row[1] for row in outcome.rows] == ["131.189.106.246"]
    assert "10.0.0.1: " in outcome.err
    assert "[address.private]" in outcome.err
    assert "[address.range]" in outcome.err


def test_the_eighth_address_fails(account: Account) -> None:
    addresses = [f"131.189.106.{number}" for number in range(1, 9)]

    outcome = run_command("add_address", "demo", *addresses)

    assert outcome.code == 1
    assert len(outcome.rows) == 7
    assert "131.189.106.8: " in outcome.err
    assert "[address.limit]" in outcome.err


def test_an_unknown_account_fails_with_advice(account: Account) -> None:
    outcome = run_command("add_address", "nobody", "131.189.106.246")

    assert outcome.code == 1
    assert "[account.unknown]" in outcome.err


def test_without_an_address_it_is_wrong_usage(account: Account) -> None:
    assert run_command("add_address", "demo").code == 2
