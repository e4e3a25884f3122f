"""A small HTTP proxy that knows CONNECT only (RFC 9110 section 9.3.6), one thread per tunnel."""

import base64
import select
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

_BUFFER: Final = 65536
_TICK: Final = 0.05


class ConnectProxy:
    """Listens on a free port of 127.0.0.1 while its ``with`` block lasts.

    ``targets`` records what was asked for, as ``host:port``, refused or not. With a user name,
    basic authentication is demanded. ``allows`` decides about ports.
    """

    def __init__(
        self,
        *,
        username: str = "",
        password: str = "",
        allows: Callable[[int], bool] = lambda _port: True,
    ) -> None:
        self.targets: list[str] = []
        self._expected = _authorisation(username, password) if username else ""
        self._allows = allows
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []
        self._stopping = threading.Event()
        self._muted = threading.Event()
        self._cuts = 0

    def __enter__(self) -> Self:
        self._listener.settimeout(_TICK)
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

    def cut(self) -> None:
        """Close the tunnels that are open now, as a network does that forgets idle connections."""
        self._cuts += 1
        time.sleep(3 * _TICK)

    def mute(self) -> None:
        """From now on keep to ourselves what servers say; what clients say still goes through."""
        self._muted.set()

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
            self._spawn(lambda client=client: self._serve(client))  # type: ignore[misc]  # bound early

    def _serve(self, client: socket.socket) -> None:
        with client:
            client.settimeout(10)
            head = _read_head(client)
            if head:
                self._answer(client, head)

    def _answer(self, client: socket.socket, head: str) -> None:
        _, target, _ = head.split("\r\n", 1)[0].split(" ")
        self.targets.append(target)
        host, _, port = target.rpartition(":")
        if self._expected and f"proxy-authorization: {self._expected}".lower() not in head.lower():
            _refuse(
                client, "407 Proxy Authentication Required", 'Proxy-Authenticate: Basic realm="t"'
            )
        elif not self._allows(int(port)):
            _refuse(client, "403 Forbidden")
        else:
            self._tunnel(client, host.strip("[]"), int(port))

    def _tunnel(self, client: socket.socket, host: str, port: int) -> None:
        try:
            server = socket.create_connection((host, port), timeout=5)
        except OSError:
            _refuse(client, "502 Bad Gateway")
            return
        with server:
            for side in (client, server):
                side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self._relay(client, server)

    def _relay(self, client: socket.socket, server: socket.socket) -> None:
        """Pass bytes both ways; the end of one direction is passed on, too."""
        other = {client: server, server: client}
        open_sides = [client, server]
        cuts = self._cuts
        while open_sides and not self._stopping.is_set() and cuts == self._cuts:
            for side in select.select(open_sides, [], [], _TICK)[0]:
                try:
                    data = side.recv(_BUFFER)
                    if side is server and self._muted.is_set():
                        continue
                    if data:
                        other[side].sendall(data)
                        continue
                    open_sides.remove(side)
                    other[side].shutdown(socket.SHUT_WR)
                except OSError:
                    return


def _read_head(client: socket.socket) -> str:
    head = b""
    while b"\r\n\r\n" not in head:
        data = client.recv(_BUFFER)
        if not data:
            return ""
        head += data
    return head.decode("latin-1")


def _refuse(client: socket.socket, status: str, *headers: str) -> None:
    lines = [f"HTTP/1.1 {status}", *headers, "Content-Length: 0", "Connection: close", "", ""]
    client.sendall("\r\n".join(lines).encode("latin-1"))


def _authorisation(username: str, password: str) -> str:
    token = base64.b64encode(f"{username}:{password}".encode()).decode("ascii")
    return f"Basic {token}"
