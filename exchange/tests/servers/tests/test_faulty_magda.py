"""The misbehaving practice MAGDA does on the wire what the names of its faults say."""

import math
import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from exchange.tests.conftest import UNHURRIED
from exchange.tests.servers.fault_table import DOWNLOADS, UPLOADS, Case
from exchange.tests.servers.faults import (
    CONNECT,
    DIES,
    SILENCE,
    DataFault,
    Ending,
    Fault,
    Midway,
    Moment,
    Watch,
)
from exchange.tests.servers.faulty_magda import FaultyMAGDA
from exchange.tests.servers.tests.raw_client import (
    VERSIONS,
    RawClient,
    close,
    finish_sending,
    read_to_the_end,
)
from sandbox.authority import Authority
from sandbox.server import DEMO_ACCOUNT

CONTENT = bytes(range(256)) * 400
HALF = len(CONTENT) // 2

without_reuse = replace(UNHURRIED, require_session_reuse=False)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[FaultyMAGDA]:
    directory = tmp_path_factory.mktemp("magda")
    with FaultyMAGDA(directory, authority, without_reuse) as magda:
        yield magda


@pytest.fixture
def magda(server: FaultyMAGDA) -> FaultyMAGDA:
    """Give the server with an empty plan; what a test plans shall all have come to pass."""
    for part in (server.faults, server.data_faults, server.midways, server.watches):
        part.clear()
    server.plan.forgets_after = math.inf
    server.plan.errors.clear()
    return server


@pytest.fixture(params=VERSIONS)
def client(
    request: pytest.FixtureRequest, magda: FaultyMAGDA, authority: Authority, tmp_path: Path
) -> Iterator[RawClient]:
    raw = RawClient(magda.port, authority, DEMO_ACCOUNT, tmp_path, request.param)
    yield raw
    raw.close()


def place(magda: FaultyMAGDA) -> Path:
    return magda.place(DEMO_ACCOUNT, "from_vip", "a.xml", CONTENT)


def stored(magda: FaultyMAGDA) -> Path:
    return magda.home(DEMO_ACCOUNT) / "to_vip/a.tmp"


@pytest.mark.parametrize("case", DOWNLOADS, ids=str)
def test_a_download_goes_wrong_as_its_name_says(
    case: Case, magda: FaultyMAGDA, client: RawClient
) -> None:
    place(magda)
    magda.data_faults.append(case.fault("RETR", size=len(CONTENT)))
    full = CONTENT + case.extra

    connection = client.open("RETR from_vip/a.xml")
    received, end = read_to_the_end(connection)
    close(connection)
    reply = client.last_reply()

    assert end == case.ends
    # A RST takes with it what is still under way.
    expected = full[:HALF] if case.half else full
    assert received == (expected if case.ends != "rst" else expected[: len(received)])
    assert reply == case.reply


@pytest.mark.parametrize("case", UPLOADS, ids=str)
def test_an_upload_goes_wrong_as_its_name_says(
    case: Case, magda: FaultyMAGDA, client: RawClient
) -> None:
    magda.data_faults.append(case.fault("STOR", size=len(CONTENT)))

    connection = client.open("STOR to_vip/a.tmp")
    if case.half:
        assert finish_sending(connection, CONTENT) == (b"", str(case.ends))
    else:
        connection.sendall(CONTENT)
    close(connection)
    reply = client.last_reply()

    assert reply == case.reply
    assert stored(magda).read_bytes() == (CONTENT[:HALF] if case.half else CONTENT)


def test_what_comes_after_the_end_of_an_upload_is_thrown_away(
    magda: FaultyMAGDA, client: RawClient
) -> None:
    """Whoever sends more than fits into the buffers must not be left waiting."""
    magda.data_faults.append(DataFault("STOR", limit=1000, ends=Ending.FIN))

    connection = client.open("STOR to_vip/a.tmp")
    connection.sendall(bytes(20_000_000))
    close(connection)

    assert client.last_reply().startswith("226")
    assert stored(magda).stat().st_size == 1000


def test_a_stalled_transfer_ends_in_nothing(magda: FaultyMAGDA, client: RawClient) -> None:
    place(magda)
    magda.data_faults.append(DataFault("RETR", limit=1000, ends=Ending.NEVER))

    connection = client.open("RETR from_vip/a.xml")

    assert read_to_the_end(connection) == (CONTENT[:1000], "never")
    connection.close()


def test_the_third_data_connection_is_refused_after_its_handshake(
    magda: FaultyMAGDA, client: RawClient
) -> None:
    place(magda)
    refusal = "522 The session must be reused."
    magda.data_faults.append(DataFault("", after=2, times=1, refuses=refusal))

    replies = []
    for _ in range(4):
        connection = client.open("RETR from_vip/a.xml")
        received, _ = read_to_the_end(connection)
        connection.close()
        replies.append((len(received), client.last_reply()[:3]))

    whole = (len(CONTENT), "226")
    assert replies == [whole, whole, (0, "522"), whole]


@pytest.mark.parametrize("command", ["MLSD from_vip", "LIST from_vip", "NLST from_vip"])
def test_a_listing_says_what_the_test_wants(
    command: str, magda: FaultyMAGDA, client: RawClient
) -> None:
    place(magda)
    magda.data_faults.append(DataFault(command[:4], content=b"garbage\x00\r\n", times=1))

    connection = client.open(command)

    assert read_to_the_end(connection) == (b"garbage\x00\r\n", "notify")
    connection.close()
    assert client.last_reply().startswith("226")


def test_a_fault_that_obeys_a_transfer_speaks_after_it(
    magda: FaultyMAGDA, client: RawClient
) -> None:
    magda.faults.append(Fault("STOR", obeys=True, reply="451 Local error."))

    connection = client.open("STOR to_vip/a.tmp")
    connection.sendall(CONTENT)
    close(connection)

    assert client.last_reply().startswith("451")
    assert stored(magda).read_bytes() == CONTENT


@pytest.mark.parametrize("reply", [DIES, SILENCE])
def test_no_reply_comes(reply: str, magda: FaultyMAGDA, client: RawClient) -> None:
    magda.faults.append(Fault("NOOP", reply=reply))
    assert client.sock is not None
    client.sock.settimeout(0.5)

    # The end of the connection is an error of TLS to some releases of Python.
    with pytest.raises((EOFError, TimeoutError, ssl.SSLError)) as caught:
        client.sendcmd("NOOP")

    assert isinstance(caught.value, TimeoutError) == (reply == SILENCE)


def test_a_connection_that_was_idle_for_too_long_is_met_with_silence(
    magda: FaultyMAGDA, client: RawClient
) -> None:
    magda.plan.forgets_after = 0.3
    client.sendcmd("NOOP")
    time.sleep(0.4)
    assert client.sock is not None
    client.sock.settimeout(0.5)

    with pytest.raises(TimeoutError):
        client.sendcmd("NOOP")


def test_a_watch_sees_a_command_before_and_after(magda: FaultyMAGDA, client: RawClient) -> None:
    place(magda)
    seen: list[tuple[str, bool, int]] = []

    def note(moment: Moment) -> None:
        assert moment.path is not None
        assert moment.source is not None
        assert moment.account == DEMO_ACCOUNT
        seen.append((moment.path.name, moment.source.exists(), moment.reply))

    magda.watches.append(Watch("RNTO", about="cache", arrived=note, obeyed=note))

    client.rename("from_vip/a.xml", "cache/from_vip/b.xml")

    assert seen == [("b.xml", True, 0), ("b.xml", False, 250)]
    assert not magda.plan.errors


def test_a_watch_sees_an_upload_whole_before_its_reply_or_death(
    magda: FaultyMAGDA, client: RawClient
) -> None:
    seen: list[tuple[bytes, int]] = []

    def note(moment: Moment) -> None:
        assert moment.path is not None
        seen.append((moment.path.read_bytes(), moment.reply))

    magda.watches.append(Watch("STOR", obeyed=note))
    magda.data_faults.append(DataFault("STOR", reply=DIES, after=1))

    for _ in range(2):
        connection = client.open("STOR to_vip/a.tmp")
        connection.sendall(CONTENT)
        close(connection)
        client.last_reply()

    assert seen == [(CONTENT, 226), (CONTENT, 0)]


def test_a_watch_sees_a_new_connection_before_its_greeting(
    magda: FaultyMAGDA, authority: Authority, tmp_path: Path
) -> None:
    seen: list[Moment] = []
    magda.watches.append(Watch(CONNECT, arrived=seen.append))

    RawClient(magda.port, authority, DEMO_ACCOUNT, tmp_path, "TLSv1.3").close()

    assert [moment.verb for moment in seen] == [CONNECT]


def test_what_a_watch_raises_is_kept_and_the_server_goes_on(
    magda: FaultyMAGDA, client: RawClient
) -> None:
    def fail(_moment: Moment) -> None:
        raise ValueError("not what the test expected")

    magda.watches.append(Watch("NOOP", arrived=fail))

    assert client.sendcmd("NOOP").startswith("200")
    assert [str(error) for error in magda.plan.errors] == ["not what the test expected"]


def test_midway_calls_while_a_file_is_under_way(magda: FaultyMAGDA, client: RawClient) -> None:
    sizes: list[int] = []
    path = stored(magda)
    magda.midways.append(Midway("STOR", count=HALF, call=lambda: sizes.append(path.stat().st_size)))

    connection = client.open("STOR to_vip/a.tmp")
    connection.sendall(CONTENT)
    close(connection)

    assert client.last_reply().startswith("226")
    assert len(sizes) == 1
    assert HALF <= sizes[0] < len(CONTENT)


def test_midway_calls_while_a_file_is_fetched(magda: FaultyMAGDA, client: RawClient) -> None:
    place(magda)
    calls: list[str] = []
    magda.midways.append(Midway("RETR", count=HALF, call=lambda: calls.append("called")))

    connection = client.open("RETR from_vip/a.xml")

    assert read_to_the_end(connection) == (CONTENT, "notify")
    connection.close()
    assert calls == ["called"]


def test_a_connection_is_idle_while_a_file_goes_over_another(
    magda: FaultyMAGDA, client: RawClient
) -> None:
    place(magda)
    magda.plan.forgets_after = 0.3
    magda.midways.append(Midway("RETR", count=HALF, call=lambda: time.sleep(0.4)))
    connection = client.open("RETR from_vip/a.xml")
    assert client.sock is not None
    client.sock.settimeout(0.5)

    assert read_to_the_end(connection) == (CONTENT, "notify")
    connection.close()

    with pytest.raises(TimeoutError):
        client.last_reply()
