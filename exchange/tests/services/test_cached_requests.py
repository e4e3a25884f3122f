"""Looking into MAGDA's cache while somebody waits for the page."""

import os
import socket
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from exchange.errors import AccountError
from exchange.ftps import Entry, EntryKind, FTPSError
from exchange.models import Account
from exchange.models.transfer import State
from exchange.services import cached_requests
from exchange.services.cached_requests import _described, find_in_cache, look_into_cache
from exchange.services.slots import hold_slot
from exchange.tests.builders import make_collected, make_delivered, make_transfer
from exchange.tests.servers.faulty_magda import Fault, FaultyMAGDA
from sandbox.server import DEMO_ACCOUNT

# Within the two weeks after which the practice MAGDA removes a file, as MAGDA does.
YESTERDAY = timezone.now().replace(microsecond=0) - timedelta(days=1)


def place(magda: FaultyMAGDA, name: str, *, hour: int, content: bytes = b"<a/>") -> None:
    path = magda.place(DEMO_ACCOUNT, "cache/to_vip", name, content)
    moment = (YESTERDAY + timedelta(hours=hour)).timestamp()
    os.utime(path, (moment, moment))


def test_it_tells_name_size_and_time_newest_first(
    connected_account: Account, magda: FaultyMAGDA
) -> None:
    place(magda, "eerst.xml", hour=8)
    place(magda, "dan.xml", hour=9, content=b"<aa/>")
    (magda.home(DEMO_ACCOUNT) / "cache/to_vip/folder").mkdir()

    contents = look_into_cache(connected_account)

    assert [(file.name, file.size) for file in contents.newest] == [
        ("dan.xml", 5),
        ("eerst.xml", 4),
    ]
    assert contents.newest[0].modified == YESTERDAY + timedelta(hours=9)
    assert contents.total == 2


def test_it_names_the_newest_delivery_of_that_name(
    connected_account: Account, magda: FaultyMAGDA
) -> None:
    place(magda, "vraag.xml", hour=8)
    place(magda, "vreemd.xml", hour=7)
    make_delivered(connected_account, holds_name=False)
    newest = make_transfer(connected_account, state=State.UNCERTAIN)
    make_collected(connected_account, name="vreemd.xml")

    contents = look_into_cache(connected_account)

    assert [file.transfer for file in contents.newest] == [newest, None]


@pytest.mark.parametrize(
    "state", [State.QUEUED, State.RUNNING, State.WAITING, State.FAILED, State.CANCELLED]
)
def test_one_that_magda_can_not_have_picked_up_is_not_named(
    connected_account: Account, magda: FaultyMAGDA, state: State
) -> None:
    place(magda, "vraag.xml", hour=8)
    delivered = make_delivered(connected_account, holds_name=False)
    make_transfer(connected_account, state=state)

    contents = look_into_cache(connected_account)

    assert [file.transfer for file in contents.newest] == [delivered]


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("rekening\u202elmx.exe", "name.control_character"),
        ("caf\udce9.xml", "name.surrogates"),
        ("../x.xml", "name.separator"),
        ("vraag.xml.7-1.tmp", "name.temporary_suffix"),
    ],
)
def test_a_name_that_would_do_harm_is_shown_with_what_is_wrong(
    connected_account: Account, name: str, refusal: str
) -> None:
    entries = [Entry(name, 1, None, EntryKind.FILE), Entry("goed.xml", 1, None, EntryKind.FILE)]

    described = _described(connected_account, entries)

    assert [file.refusal for file in described] == [refusal, ""]


def test_a_busy_account_is_left_alone(
    connected_account: Account, magda: FaultyMAGDA, settings: Settings
) -> None:
    settings.CONNECTIONS_PER_ACCOUNT = 1

    with hold_slot(connected_account) as slot:
        assert slot is not None
        with pytest.raises(AccountError) as caught:
            look_into_cache(connected_account)

    assert caught.value.code == "account.connections_busy"
    assert not [line for line in magda.log if line.command == "USER"]


def test_its_connection_is_given_back(connected_account: Account, settings: Settings) -> None:
    settings.CONNECTIONS_PER_ACCOUNT = 1

    look_into_cache(connected_account)

    assert look_into_cache(connected_account).total == 0


def test_what_the_server_refuses_is_raised_as_it_is(
    connected_account: Account, magda: FaultyMAGDA
) -> None:
    magda.faults.append(Fault("MLSD", reply="451 Not now."))

    with pytest.raises(FTPSError) as caught:
        find_in_cache(connected_account, "vraag.xml")

    assert caught.value.code == "data.aborted"


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Give the port of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_nobody_waits_long_for_a_server_that_is_silent(
    connected_account: Account, silent_port: int
) -> None:
    connected_account.port = silent_port
    started = time.monotonic()

    with pytest.raises(AccountError) as caught:
        look_into_cache(connected_account)

    assert caught.value.code == "cache.slow"
    assert time.monotonic() - started < cached_requests.LONGEST_LOOK_SECONDS + 3
