"""What the system checks say about the keys that the database needs."""

import secrets
from base64 import urlsafe_b64encode

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from exchange.models import Account
from exchange.services.accounts import set_proxy
from exchange.tests.builders import make_account
from magda_portal.audit.services import Actor
from magda_portal.sealing.ring import Ring
from magda_portal.tests.world import World
from magda_portal.web.checks import errors_about_secrets


def entry(key_id: str) -> str:
    return f"{key_id}:{urlsafe_b64encode(secrets.token_bytes(32)).decode()}"


OLD, NEW = entry("old"), entry("new")


@pytest.fixture
def accounts(world: World, settings: Settings) -> list[Account]:
    """Give three accounts, each with a proxy password under the old key."""
    settings.SEALING_KEYS = OLD
    accounts = []
    for number in range(3):
        account = make_account(world.organisation, common_name=f"account-{number}")
        set_proxy(account, url="http://user:geheim@proxy.example", actor=Actor("a test"))
        accounts.append(account)
    return accounts


def errors() -> list[tuple[str | None, str]]:
    return [(error.id, error.msg) for error in errors_about_secrets()]


def spoil(account: Account, blob: bytes) -> None:
    Account.objects.filter(pk=account.pk).update(sealed_proxy_password=blob)


def test_a_ring_that_opens_everything_is_no_error(
    accounts: list[Account], settings: Settings
) -> None:
    settings.SEALING_KEYS = f"{NEW}\n{OLD}"

    assert errors() == []


def test_a_key_that_the_database_needs_and_the_ring_lacks_is_an_error_with_a_next_step(
    accounts: list[Account], settings: Settings
) -> None:
    settings.SEALING_KEYS = NEW

    (error,) = errors_about_secrets()

    assert error.id == "portal.E005"
    assert error.msg.startswith("The sealing key 'old' is not in the ring, and 3 sealed")
    assert "Put 'old' back into SEALING_KEYS" in str(error.hint)
    assert "'old:lost'" in str(error.hint)


def test_a_key_that_is_said_to_be_lost_keeps_nothing_from_starting(
    accounts: list[Account], settings: Settings
) -> None:
    settings.SEALING_KEYS = f"{NEW}\nold:lost"

    assert errors() == []


def test_another_key_of_the_same_id_is_an_error(
    accounts: list[Account], settings: Settings
) -> None:
    """As when the line that makes a new ring is run again beside an existing database."""
    settings.SEALING_KEYS = entry("old")

    ((error_id, message),) = errors()

    assert error_id == "portal.E006"
    assert message.startswith("The sealing key 'old' of the ring opens none of the 3 sealed")


@pytest.mark.parametrize("intact", [0, 1, 2])
def test_one_value_that_opens_is_enough_to_believe_a_key(
    accounts: list[Account], intact: int
) -> None:
    """The others were altered; rotate_keys reports them, and the portal works without."""
    for account in accounts[:intact] + accounts[intact + 1 :]:
        spoil(account, Ring.parse(entry("old")).seal(b"geheim", place="elsewhere"))

    assert errors() == []


def test_a_value_whose_head_is_damaged_keeps_nothing_from_starting(
    accounts: list[Account],
) -> None:
    spoil(accounts[0], b"\x01")
    spoil(accounts[1], b"\x07" + bytes(200))
    spoil(accounts[2], b"\x01\x03o\xffd" + bytes(200))

    assert errors() == []


def test_an_empty_ring_is_told_once(accounts: list[Account], settings: Settings) -> None:
    settings.SEALING_KEYS = ""

    assert [error_id for error_id, _ in errors()] == ["portal.E003"]


def test_the_database_is_asked_only_when_it_is_to_be_checked(
    accounts: list[Account], settings: Settings
) -> None:
    settings.SEALING_KEYS = NEW

    assert run_checks(tags=["secrets"]) == []
