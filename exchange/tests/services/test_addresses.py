import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings

from exchange.errors import AddressError
from exchange.models import Account, WhitelistedAddress
from exchange.services.accounts import open_account
from exchange.services.addresses import activate_address, request_address, withdraw_address
from exchange.tests.services.intruder import intruder
from magda_portal.audit.actions import Action
from magda_portal.audit.models import AuditEvent
from magda_portal.audit.services import Actor
from magda_portal.tests.environment import for_a_process

ACTOR = Actor(name="a test")


@pytest.fixture
def account(db: None) -> Account:
    opened, _ = open_account("demo", organisation="Gemeente", environment="TNI", actor=ACTOR)
    return opened


def request(account: Account, address: str) -> WhitelistedAddress:
    return request_address(account, address=address, actor=ACTOR)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("131.189.106.246", "131.189.106.246"),
        (" 131.189.106.246\n", "131.189.106.246"),
        ("2A02:A03F:0:0::1", "2a02:a03f::1"),
        ("::ffff:131.189.106.246", "131.189.106.246"),
    ],
)
def test_a_single_public_address_is_requested(account: Account, given: str, kept: str) -> None:
    row = request(account, given)

    row.refresh_from_db()
    assert (row.address, row.state, row.slot) == (kept, WhitelistedAddress.State.REQUESTED, 1)
    event = AuditEvent.objects.get(action=Action.ADDRESS_REQUESTED)
    assert event.subject_text == f"{kept} (demo)"


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("", "address.malformed"),
        ("magda.vlaanderen.be", "address.malformed"),
        ("131.189.106", "address.malformed"),
        ("131.189.106.256", "address.malformed"),
        ("131.189.106.046", "address.malformed"),
        ("131.189.106.246:21", "address.malformed"),
        ("2a02:a03f::1%eth0", "address.malformed"),
        ("131.189.106.0/24", "address.range"),
        ("131.189.106.246/32", "address.range"),
        ("131.189.106.246-250", "address.range"),
        ("131.189.106.1 - 131.189.106.9", "address.range"),
        ("131.189.106.*", "address.range"),
        ("131.189.106.1, 131.189.106.2", "address.range"),
        ("2a02:a03f::/48", "address.range"),
        ("10.0.0.0/8", "address.range"),
        ("10.1.2.3", "address.private"),
        ("172.31.255.255", "address.private"),
        ("192.168.1.1", "address.private"),
        ("100.64.0.1", "address.private"),
        ("fd00::1", "address.private"),
        ("fec0::1", "address.private"),
        ("::ffff:10.1.2.3", "address.private"),
        ("127.0.0.1", "address.loopback"),
        ("::1", "address.loopback"),
        ("::ffff:127.0.0.1", "address.loopback"),
        ("224.0.0.1", "address.multicast"),
        ("ff02::1", "address.multicast"),
        ("0.0.0.0", "address.unspecified"),
        ("::", "address.unspecified"),
        ("169.254.1.1", "address.link_local"),
        ("fe80::1", "address.link_local"),
        ("255.255.255.255", "address.reserved"),
        ("240.0.0.1", "address.reserved"),
        ("198.18.0.1", "address.reserved"),
        ("100::1", "address.reserved"),
    ],
)
def test_what_is_not_one_public_address_is_refused_by_name(
    account: Account, address: str, code: str
) -> None:
    with pytest.raises(AddressError) as caught:
        request(account, address)

    assert caught.value.code == code
    assert not account.addresses.exists()


def test_an_address_that_is_on_the_list_is_refused(account: Account) -> None:
    request(account, "131.189.106.246")

    with pytest.raises(AddressError) as caught:
        request(account, "::ffff:131.189.106.246")

    assert caught.value.code == "address.duplicate"


def test_another_account_may_have_the_same_address(account: Account) -> None:
    other, _ = open_account("other", organisation="Gemeente", environment="TNI", actor=ACTOR)
    request(account, "131.189.106.246")

    assert request(other, "131.189.106.246").slot == 1


def test_the_eighth_address_is_refused_and_a_withdrawn_one_makes_room(account: Account) -> None:
    rows = [request(account, f"131.189.106.{number}") for number in range(1, 8)]

    with pytest.raises(AddressError) as caught:
        request(account, "131.189.106.8")

    assert caught.value.code == "address.limit"

    withdraw_address(rows[2], actor=ACTOR)

    assert request(account, "131.189.106.8").slot == 3


def test_a_slot_that_somebody_else_took_meanwhile_is_no_failure(account: Account) -> None:
    with intruder("exchange_whitelistedaddress", times=3):
        row = request(account, "131.189.106.246")

    assert row.slot == 1
    assert AuditEvent.objects.filter(action=Action.ADDRESS_REQUESTED).count() == 1


def test_it_gives_up_when_somebody_else_is_always_faster(account: Account) -> None:
    with intruder("exchange_whitelistedaddress", times=100), pytest.raises(AddressError) as caught:
        request(account, "131.189.106.246")

    assert caught.value.code == "address.limit"
    assert not account.addresses.exists()


def test_a_withdrawn_address_may_come_back(account: Account) -> None:
    withdraw_address(request(account, "131.189.106.246"), actor=ACTOR)

    assert request(account, "131.189.106.246").state == WhitelistedAddress.State.REQUESTED


def test_activating_twice_tells_it_once(account: Account) -> None:
    row = request(account, "131.189.106.246")

    activate_address(row, actor=ACTOR)
    activate_address(row, actor=ACTOR)

    row.refresh_from_db()
    assert (row.state, row.slot) == (WhitelistedAddress.State.ACTIVE, 1)
    assert AuditEvent.objects.filter(action=Action.ADDRESS_ACTIVATED).count() == 1


def test_withdrawing_twice_tells_it_once(account: Account) -> None:
    row = request(account, "131.189.106.246")

    withdraw_address(row, actor=ACTOR)
    withdraw_address(row, actor=ACTOR)

    row.refresh_from_db()
    assert (row.state, row.slot) == (WhitelistedAddress.State.WITHDRAWN, None)
    assert AuditEvent.objects.filter(action=Action.ADDRESS_WITHDRAWN).count() == 1


def test_a_withdrawn_address_is_not_activated(account: Account) -> None:
    row = request(account, "131.189.106.246")
    withdraw_address(row, actor=ACTOR)

    with pytest.raises(AddressError) as caught:
        activate_address(row, actor=ACTOR)

    assert caught.value.code == "address.withdrawn"


def test_two_processes_at_once_never_get_an_eighth_address(tmp_path: Path) -> None:
    """The cap holds in the database: each process reads the free slots without a lock."""
    environ = for_a_process(tmp_path / "data", GO_FILE=str(tmp_path / "go"))
    run_manage(environ, "migrate", "--verbosity", "0")
    run_manage(environ, "open_account", "demo", "--organisation", "O", "--environment", "TNI")

    writers = [start_writer(environ, network) for network in (1, 2)]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    (tmp_path / "go").touch()
    outcomes = [json.loads(writer.communicate(timeout=60)[0]) for writer in writers]

    assert [writer.returncode for writer in writers] == [0, 0]
    everything = [outcome for outcomes_of_one in outcomes for outcome in outcomes_of_one]
    assert sorted(everything) == ["added"] * 7 + ["address.limit"] * 13
    assert sorted(slots_in_use(environ)) == [1, 2, 3, 4, 5, 6, 7]


def run_manage(environ: dict[str, str], *arguments: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=settings.BASE_DIR, env=environ, check=True
    )


def start_writer(environ: dict[str, str], network: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "exchange.tests.services.address_writer", str(network)],
        cwd=settings.BASE_DIR,
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
    )


def slots_in_use(environ: dict[str, str]) -> list[int]:

    with closing(sqlite3.connect(Path(environ["DATA_DIR"]) / "portal.sqlite3")) as database:
        rows = database.execute(
            "SELECT slot FROM exchange_whitelistedaddress WHERE state != 'WITHDRAWN'"
        )
        return [slot for (slot,) in rows]
