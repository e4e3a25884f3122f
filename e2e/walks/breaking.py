"""A network between browser and portal that counts, cuts and holds what goes to the portal."""

import socket
import struct
import threading
from types import TracebackType
from typing import Final, Self

_BUFFER: Final = 65536
_TICK: Final = 0.2
_NO_LINGERING: Final = struct.pack("ii", 1, 0)


class Network:
    """Listens on a free port of 127.0.0.1 while its ``with`` block lasts.

    ``sent`` are the bytes that went to the portal. ``cuts`` are numbers of such bytes at each of
    which all connections are reset. From ``hold_at`` on, nothing more goes to the portal.
    """

    def __init__(self, port: int) -> None:
        self.sent = 0
        self.cuts: list[int] = []
        self.hold_at: int | None = None
        self.is_held = False
        self._portal = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(_TICK)
        self._changed = threading.Condition()
        self._open: set[socket.socket] = set()
        self._ends = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ends = True
        self.cut()
        self._listener.close()

    def cut(self) -> None:
        """Reset every connection that is open now."""
        with self._changed:
            for side in self._open:
                side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGERING)
                # Wakes whoever reads from it.
                _shut(side)
            self._changed.notify_all()

    def release(self) -> None:
        """Let through again what was held."""
        with self._changed:
            self.hold_at, self.is_held = None, False
            self._changed.notify_all()

    def _accept(self) -> None:
        while not self._ends:
            try:
                client, _ = self._listener.accept()
                portal = socket.create_connection(("127.0.0.1", self._portal), timeout=5)
            except OSError:
                continue
            portal.settimeout(None)
            client.settimeout(None)
            with self._changed:
                self._open |= {client, portal}
            ended = threading.Barrier(2, action=lambda pair=(client, portal): self._close(*pair))  # type: ignore[misc]  # bound early
            for pump in (self._to_portal, self._to_client):
                threading.Thread(target=pump, args=(client, portal, ended), daemon=True).start()

    def _close(self, *pair: socket.socket) -> None:
        with self._changed:
            self._open -= set(pair)
        for side in pair:
            side.close()

    def _to_portal(
        self, client: socket.socket, portal: socket.socket, ended: threading.Barrier
    ) -> None:
        try:
            while data := client.recv(_BUFFER):
                self._wait_while_held(client)
                portal.sendall(data)
                self.sent += len(data)
                if self.cuts and self.sent >= self.cuts[0]:
                    self.cuts.pop(0)
                    self.cut()
        except OSError:
            pass
        _shut(portal)
        ended.wait()

    def _to_client(
        self, client: socket.socket, portal: socket.socket, ended: threading.Barrier
    ) -> None:
        try:
            while data := portal.recv(_BUFFER):
                client.sendall(data)
        except OSError:
            pass
        _shut(client)
        ended.wait()

    def _wait_while_held(self, client: socket.socket) -> None:
        with self._changed:
            while self.hold_at is not None and self.sent >= self.hold_at and not self._ends:
                self.is_held = True
                self._changed.wait(_TICK)
                if not _is_open(client):
                    raise ConnectionResetError


def _is_open(side: socket.socket) -> bool:
    """Say whether the other end is still there; what it sent meanwhile stays unread."""
    try:
        return side.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def _shut(side: socket.socket) -> None:
    try:
        side.shutdown(socket.SHUT_RDWR)
    except OSError:
        # It is gone already.
        return
