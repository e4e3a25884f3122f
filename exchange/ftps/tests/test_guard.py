"""What a heartbeat or a source raises reaches the caller, and the server hears no more of us."""

import io
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from exchange.ftps import FTPSClient, FTPSError, Timeouts
from exchange.ftps._guard import Guard
from exchange.ftps.tests.connections import Connections
from exchange.tests.servers.proftpd import ProFTPD
from exchange.tests.servers.scripted import SILENCE, ScriptedServer

PART = 400_000
WHOLE = 2_000_000
# How long the server takes at most to read what was sent: from then on it has nothing to complain
# about, and takes an orderly end of the data connection for the end of the file.
DIGESTION = 0.5


class LeaseOverError(Exception):
    pass


@dataclass
class Heart:
    """A heartbeat that fails once a test says so."""

    fails: Callable[[], bool] = lambda: False
    beats: int = 0

    def __call__(self) -> None:
        self.beats += 1
        if self.fails():
            raise LeaseOverError


class Slow:
    """A source that gives a part, and then takes longer than a heartbeat for each piece."""

    def __init__(self) -> None:
        self.given = 0

    def read(self, size: int = -1, /) -> bytes:
        if self.given >= PART:
            time.sleep(1.1)
        piece = b"x" * size
        self.given += len(piece)
        return piece


@pytest.fixture
def heart() -> Heart:
    return Heart()


@pytest.fixture
def name() -> str:
    return secrets.token_hex(6)


def last_line(client: FTPSClient) -> str:
    return (client.transcript.lines or ("",))[-1]


def test_the_first_exception_counts_and_stops_everything() -> None:
    halts: list[str] = []
    first = LeaseOverError()

    guard = Guard(lambda: halts.append("halt"))
    guard.begin()
    guard.keep(first)
    guard.keep(KeyError())

    assert guard.raised is first
    assert halts == ["halt"]
    assert guard.around(lambda: 1, stop=0)() == 0
    guard.begin()
    assert guard.around(lambda: 1, stop=0)() == 1


@pytest.mark.proftpd
def test_a_heartbeat_that_fails_at_350_keeps_rnto_from_being_sent(
    connections: Connections, server: ProFTPD, heart: Heart, name: str
) -> None:
    with connections.client(heartbeat=heart) as client:
        client.store(f"to_vip/{name}.tmp", io.BytesIO(b"x"), size=1)
        heart.fails = lambda: last_line(client).startswith("< 350")
        with pytest.raises(LeaseOverError):
            client.rename(f"to_vip/{name}.tmp", f"to_vip/{name}")

    assert [line for line in server.commands() if name in line][-1].startswith("RNFR")
    assert (server.home() / f"to_vip/{name}.tmp").exists()


@pytest.mark.proftpd
@pytest.mark.parametrize("reply", ["229", "200", "150"])
def test_a_heartbeat_that_fails_at_a_reply_ends_the_upload_there(
    connections: Connections, server: ProFTPD, heart: Heart, name: str, reply: str
) -> None:
    with connections.client(heartbeat=heart) as client:
        client.entries("public")
        heart.fails = lambda: last_line(client).startswith(f"< {reply}")
        with pytest.raises(LeaseOverError):
            client.store(f"to_vip/{name}.tmp", io.BytesIO(b"x" * WHOLE), size=WHOLE)

    assert last_line(client).startswith(f"< {reply}")
    assert f"STOR to_vip/{name}.tmp => 226" not in server.commands("STOR")


@pytest.mark.proftpd
def test_nothing_at_all_is_sent_when_the_heartbeat_fails_before_the_operation(
    connections: Connections, heart: Heart, name: str
) -> None:
    with connections.client(heartbeat=heart) as client:
        client.store(f"to_vip/{name}", io.BytesIO(b"x"), size=1)
        said = client.transcript.written
        heart.fails = lambda: True
        with pytest.raises(LeaseOverError):
            client.delete(f"to_vip/{name}")

        assert not [line for line in client.transcript.since(said) if line.startswith(">")]
        heart.fails = lambda: False
        assert client.size(f"to_vip/{name}") == 1


@pytest.mark.proftpd
def test_the_heartbeat_is_heard_before_each_operation_and_at_each_line(
    connections: Connections, heart: Heart
) -> None:
    with connections.client(heartbeat=heart) as client:
        client.entries("public")

        lines = [line for line in client.transcript.lines if line.startswith("< ")]
        # FEAT and the listing are an operation each for libcurl.
        assert heart.beats >= len(lines) + 2


def test_the_heartbeat_is_heard_each_second_while_the_server_is_silent(
    offline: Connections, heart: Heart
) -> None:
    with (
        ScriptedServer(SILENCE) as server,
        offline.client(port=server.port, timeouts=Timeouts(reply=3.5), heartbeat=heart) as client,
        pytest.raises(FTPSError),
    ):
        client.entries("public")

    assert 3 <= heart.beats <= 6


@pytest.mark.proftpd
def test_an_upload_that_the_heartbeat_stops_is_not_confirmed_by_the_server(
    connections: Connections, server: ProFTPD, heart: Heart, name: str
) -> None:
    """An orderly end of the data connection would make a whole file of the part."""
    source = Slow()

    def is_over() -> bool:
        if source.given > PART:
            time.sleep(DIGESTION)
        return source.given > PART

    heart.fails = is_over
    with connections.client(heartbeat=heart) as client, pytest.raises(LeaseOverError):
        client.store(f"to_vip/{name}", source, size=WHOLE)

    assert upload_reply(server, name) == "426"


@pytest.mark.proftpd
def test_an_upload_that_the_source_stops_is_not_confirmed_by_the_server(
    connections: Connections, server: ProFTPD, name: str
) -> None:
    class Broken(Slow):
        def read(self, size: int = -1, /) -> bytes:
            if self.given >= PART:
                time.sleep(DIGESTION)
                raise LeaseOverError
            return super().read(size)

    with connections.client() as client, pytest.raises(LeaseOverError):
        client.store(f"to_vip/{name}", Broken(), size=WHOLE)

    assert upload_reply(server, name) == "426"


def upload_reply(server: ProFTPD, name: str) -> str:
    """Return the code with which the server answered the upload, once it noticed the end of it."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        for line in server.commands("STOR"):
            if name in line:
                return line.rpartition(" => ")[2]
        time.sleep(0.05)
    return ""
