"""A control connection that the network forgot while it was idle: no FIN, no RST, nothing."""

import contextlib
import io
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Final, Self

import pytest

from exchange.ftps import FTPSClient, NotFoundError, Timeouts, UnconfirmedError
from exchange.ftps.tests.connections import Connections
from exchange.tests.servers.proftpd import ProFTPD

pytestmark = pytest.mark.proftpd

REPLY_TIMEOUT: Final = 1.0
# What a reconnection and the operation itself may take on a busy machine.
SLACK: Final = 5.0


class Relay:
    """Passes TCP connections on to a server, until it forgets those that are open."""

    def __init__(self, port: int) -> None:
        self._server_port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []
        self._stopping = threading.Event()
        self._forgotten = 0

    def __enter__(self) -> Self:
        self._listener.settimeout(0.05)
        self._spawn(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopping.set()
        for thread in list(self._threads):
            thread.join(5)
        self._listener.close()

    def forget(self) -> None:
        """Take in what the open connections say from now on, and pass nothing on."""
        self._forgotten += 1

    def _spawn(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            self._spawn(lambda client=client: self._relay(client))  # type: ignore[misc]  # bound early

    def _relay(self, client: socket.socket) -> None:
        born = self._forgotten
        server = socket.create_connection(("127.0.0.1", self._server_port))
        with client, server, contextlib.suppress(ConnectionError):
            other = {client: server, server: client}
            while not self._stopping.is_set():
                for side in select.select(list(other), [], [], 0.05)[0]:
                    data = side.recv(65536)
                    if self._forgotten == born and not data:
                        return
                    if self._forgotten == born:
                        other[side].sendall(data)
                    elif not data:
                        # The end of a forgotten connection goes unheard, too.
                        self._stopping.wait()


@pytest.fixture
def relay(server: ProFTPD) -> Iterator[Relay]:
    with Relay(server.port) as started:
        yield started


@pytest.fixture
def client(connections: Connections, relay: Relay) -> Iterator[FTPSClient]:
    """A client with one control connection open, which the relay can forget."""
    timeouts = Timeouts(connect=5, reply=REPLY_TIMEOUT, stall=3)
    with connections.client(port=relay.port, timeouts=timeouts) as opened:
        opened.store("from_vip/idle", io.BytesIO(b"idle"), size=4)
        yield opened


def renamed(client: FTPSClient) -> None:
    client.rename("from_vip/idle", "from_vip/renamed")


SAFE: Final[dict[str, Callable[[FTPSClient], object]]] = {
    "list": lambda client: client.entries("from_vip"),
    "size": lambda client: client.size("from_vip/idle"),
    "retrieve": lambda client: client.retrieve("from_vip/idle", lambda _data: None),
    "store": lambda client: client.store("from_vip/idle", io.BytesIO(b"more"), size=4),
    "rename": renamed,
}


@pytest.mark.parametrize("operation", SAFE)
def test_what_cannot_have_had_an_effect_is_done_again_after_the_reply_time_out(
    client: FTPSClient, relay: Relay, operation: str
) -> None:
    relay.forget()
    started = time.monotonic()
    SAFE[operation](client)
    taken = time.monotonic() - started

    assert client.control_connections == 2
    assert taken + 0.1 >= REPLY_TIMEOUT
    assert taken < REPLY_TIMEOUT + SLACK


def test_a_delete_into_the_void_is_not_repeated(
    client: FTPSClient, relay: Relay, server: ProFTPD
) -> None:
    deletions = len(server.commands("DELE"))

    relay.forget()
    started = time.monotonic()
    with pytest.raises(UnconfirmedError):
        client.delete("from_vip/idle")

    assert time.monotonic() - started < REPLY_TIMEOUT + SLACK
    assert client.control_connections == 1
    assert len(server.commands("DELE")) == deletions
    assert (server.home() / "from_vip/idle").exists()


def test_a_rename_whose_rnto_went_into_the_void_is_not_repeated(
    connections: Connections, relay: Relay, server: ProFTPD
) -> None:
    def forget_after_350() -> None:
        if "< 350" in "".join(watched.transcript.lines[-1:]):
            relay.forget()

    timeouts = Timeouts(connect=5, reply=REPLY_TIMEOUT, stall=3)
    watched = connections.client(port=relay.port, timeouts=timeouts, heartbeat=forget_after_350)
    with watched as client:
        client.store("from_vip/void", io.BytesIO(b"void"), size=4)
        with pytest.raises(UnconfirmedError):
            client.rename("from_vip/void", "from_vip/never")

        assert client.control_connections == 1
    assert (server.home() / "from_vip/void").exists()
    assert not [line for line in server.commands("RNTO") if "never" in line]


def test_a_missing_file_is_told_over_the_new_connection(client: FTPSClient, relay: Relay) -> None:
    relay.forget()
    with pytest.raises(NotFoundError):
        client.retrieve("from_vip/nothing", lambda _data: None)
