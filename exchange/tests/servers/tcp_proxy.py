"""A network that goes wrong: a TCP proxy for the control connection and the data connections."""

import asyncio
import random
import socket
import struct
import threading
from collections.abc import Coroutine
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Any, Final, Self

_BUFFER: Final = 65536
# 1 KB a second, counted where it comes in and where it goes out.
_TRICKLE: Final = 102
_TRICKLE_EVERY: Final = 0.05
_NO_LINGERING: Final = struct.pack("ii", 1, 0)
# Below the ports that kernels give away by themselves.
_DATA_PORTS: Final = range(20_000, 32_000)
_ATTEMPTS: Final = 50


class Channel(StrEnum):
    CONTROL = "control"
    DATA = "data"


class Trouble(StrEnum):
    """What a network can do to a connection."""

    RST = "rst"
    CUT = "cut"
    """A FIN, to both sides."""
    BLACK_HOLE = "black hole"
    """Nothing comes through any more, and nobody is told."""
    TRICKLE = "trickle"
    """1 KB a second in each direction."""
    FORGET = "forget"
    """A black hole, for a connection that was idle: as Azure's gateways do after four minutes."""


@dataclass
class Impairment:
    """The trouble of so many connections (``times``), behind so many good ones (``after``).

    It begins once ``after_bytes`` came through, both directions together. ``idle`` is how long,
    in seconds, nothing may move before a connection is forgotten.
    """

    channel: Channel
    trouble: Trouble
    after_bytes: int = 0
    times: int = 1_000_000
    after: int = 0
    idle: float = 1.0

    def takes(self, channel: Channel) -> bool:
        """Say whether a new connection has this trouble, and count it."""
        if channel is not self.channel or not self.times:
            return False
        if self.after:
            self.after -= 1
            return False
        self.times -= 1
        return True


class TCPProxy:
    """Listens on 127.0.0.1, for a server that listens on another address of this machine.

    Clients make data connections to the address of the control connection (RFC 2428), so the server
    has to be told to use :attr:`data_ports`, which have the same numbers on both sides. Give the
    server's address to :meth:`lead_to` before the first client comes.
    """

    def __init__(self, *, data_ports: int = 20) -> None:
        self.impairments: list[Impairment] = []
        self._control = socket.create_server(("127.0.0.1", 0))
        self._data = _neighbours(data_ports)
        self._server = ("", 0)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """The port of the control connection."""
        return int(self._control.getsockname()[1])

    @property
    def data_ports(self) -> tuple[int, int]:
        """The first and the last port of data connections."""
        return self._data[0].getsockname()[1], self._data[-1].getsockname()[1]

    def lead_to(self, host: str, port: int) -> None:
        self._server = host, port

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
        for listener in (self._control, *self._data):
            listener.close()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _listen(self) -> None:
        self._spawn(self._accept(self._control, Channel.CONTROL))
        for listener in self._data:
            self._spawn(self._accept(listener, Channel.DATA))

    async def _end(self) -> None:
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _accept(self, listener: socket.socket, channel: Channel) -> None:
        listener.setblocking(False)
        while True:
            client, _ = await self._loop.sock_accept(listener)
            host, port = self._server
            if channel is Channel.DATA:
                port = int(listener.getsockname()[1])
            found = next((each for each in self.impairments if each.takes(channel)), None)
            self._spawn(self._serve(client, (host, port), found))

    async def _serve(
        self, client: socket.socket, address: tuple[str, int], impairment: Impairment | None
    ) -> None:
        with client, socket.socket() as server:
            for side in (client, server):
                side.setblocking(False)
                side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                await self._loop.sock_connect(server, address)
                await _Tunnel(client, server, impairment).run()
            except OSError:
                # One of them is gone; both are closed now.
                return


class _Tunnel:
    """Two sockets, what passes between them, and its trouble."""

    def __init__(
        self, client: socket.socket, server: socket.socket, impairment: Impairment | None
    ) -> None:
        self._client = client
        self._server = server
        self._impairment = impairment
        self._passed = 0
        self._loop = asyncio.get_running_loop()
        self._moved_at = self._loop.time()
        self._is_forgotten = False
        self._is_cut = False

    async def run(self) -> None:
        pumps = [
            asyncio.ensure_future(self._pump(self._client, self._server)),
            asyncio.ensure_future(self._pump(self._server, self._client)),
        ]
        try:
            await asyncio.gather(*pumps)
        finally:
            for pump in pumps:
                pump.cancel()
            # Only then may the sockets be closed: asyncio still looks at them.
            await asyncio.gather(*pumps, return_exceptions=True)

    async def _pump(self, source: socket.socket, target: socket.socket) -> None:
        while True:
            await self._suffer()
            data = await self._loop.sock_recv(source, self._room())
            self._notice_idleness()
            # The trouble may have begun while we waited.
            await self._suffer()
            if not data:
                if not self._is_cut:
                    target.shutdown(socket.SHUT_WR)
                return
            if not self._is_cut:
                self._passed += len(data)
                await self._loop.sock_sendall(target, data)

    @property
    def _trouble(self) -> Trouble | None:
        """What is wrong now."""
        found = self._impairment
        if found is None or self._passed < found.after_bytes:
            return None
        if found.trouble is Trouble.FORGET:
            return Trouble.BLACK_HOLE if self._is_forgotten else None
        return found.trouble

    def _room(self) -> int:
        """Return how much may pass before the trouble begins."""
        if self._trouble is Trouble.TRICKLE:
            return _TRICKLE
        if self._impairment is None or self._passed >= self._impairment.after_bytes:
            return _BUFFER
        return min(_BUFFER, self._impairment.after_bytes - self._passed)

    async def _suffer(self) -> None:
        """Do what has to be done before anything more may pass."""
        match self._trouble:
            case Trouble.RST:
                for side in (self._client, self._server):
                    side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGERING)
                raise ConnectionResetError
            case Trouble.CUT if not self._is_cut:
                # What still comes is thrown away, or it would turn the FIN into a RST.
                self._is_cut = True
                for side in (self._client, self._server):
                    side.shutdown(socket.SHUT_WR)
            case Trouble.BLACK_HOLE:
                await self._loop.create_future()
            case Trouble.TRICKLE:
                await asyncio.sleep(_TRICKLE_EVERY)

    def _notice_idleness(self) -> None:
        idle, self._moved_at = self._loop.time() - self._moved_at, self._loop.time()
        found = self._impairment
        if found is not None and found.trouble is Trouble.FORGET and idle > found.idle:
            self._is_forgotten = True


def _neighbours(count: int) -> list[socket.socket]:
    """Listen on ``count`` ports in a row."""
    for _ in range(_ATTEMPTS):
        first = random.choice(_DATA_PORTS)
        listeners: list[socket.socket] = []
        try:
            for port in range(first, first + count):
                listener = socket.create_server(("127.0.0.1", port))
                listeners.append(listener)
        except OSError:
            for listener in listeners:
                listener.close()
        else:
            return listeners
    raise RuntimeError("There are no free ports in a row.")
