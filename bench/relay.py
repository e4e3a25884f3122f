"""A network with a round trip: relays connections and gives every byte a delay each way.

``python -m bench.relay MILLISECONDS PORT...`` listens on 127.0.0.2 and leads to the same ports of
127.0.0.1, in a process of its own. A kernel with ``netem`` would do this without a process, but not
every kernel has it; what the relay costs is shown beside the figures.

A connection counts too: TCP's handshake takes a round trip before the first byte may leave, so what
a client sends at once, over a connection that this side had accepted already, waits for that.
"""

import asyncio
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from bench.stand import HOST, RELAY_HOST
from magda_portal.bootstrap import BASE_DIR
from magda_portal.supervisor import ending_with_parent

_READY: Final = "ready"


class _End(asyncio.Protocol):
    """One end of a connection: what it hears is said by the other, later."""

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.other: _End | None = None
        self.transport: asyncio.Transport | None = None
        # Before this moment of the loop nothing may be said: the handshake was not over.
        self.silent_until = 0.0
        self.has_ended = False
        self._waiting: deque[bytes | None] = deque()
        self._due = 0
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data: bytes) -> None:
        self._pass_on(data)

    def eof_received(self) -> bool:
        self._pass_on(None)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._pass_on(None)

    def _pass_on(self, data: bytes | None) -> None:
        # Timers of one delay fire in the order in which they were set.
        at = max(self._loop.time(), self.silent_until) + self.delay
        self._waiting.append(data)
        self._loop.call_at(at, self._say_next)

    def _say_next(self) -> None:
        self._due += 1
        self.flush()

    def flush(self) -> None:
        """Say what is due, once there is somebody to say it to."""
        while self._due and self.other and self.other.transport:
            self._due -= 1
            self._say(self._waiting.popleft(), self.other.transport)

    def _say(self, data: bytes | None, to: asyncio.Transport) -> None:
        if to.is_closing():
            return
        if data is not None:
            to.write(data)
            return
        with suppress(OSError):
            to.write_eof()
        self.has_ended = True
        if self.other and self.other.has_ended:
            # Both have said all: nothing keeps the connection.
            to.close()
            if self.transport:
                self.transport.close()


async def _serve(delay: float, ports: Sequence[int]) -> None:
    loop = asyncio.get_running_loop()
    connecting: set[asyncio.Task[None]] = set()

    def connect(near: _End, port: int) -> None:
        task = loop.create_task(_connect(near, port))
        connecting.add(task)
        task.add_done_callback(connecting.discard)

    def accept(port: int) -> asyncio.Protocol:
        near = _End(delay)
        near.silent_until = loop.time() + 2 * delay
        loop.call_later(2 * delay, connect, near, port)
        return near

    async def _connect(near: _End, port: int) -> None:
        far = _End(delay)
        far.other = near
        try:
            await loop.create_connection(lambda: far, HOST, port)
        except OSError:
            if near.transport is not None:
                near.transport.abort()
            return
        near.other = far
        near.flush()

    for port in ports:
        await loop.create_server(lambda port=port: accept(port), RELAY_HOST, port, backlog=100)  # type: ignore[misc]
    sys.stdout.write(f"{_READY}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


class Relay:
    """The relay's process."""

    def __init__(self, milliseconds: float, ports: Sequence[int]) -> None:
        """Start it, and wait until it listens. Raises RuntimeError.

        ``milliseconds`` is the delay in one direction.
        """
        command = [sys.executable, "-m", "bench.relay", str(milliseconds), *map(str, ports)]
        self._process = subprocess.Popen(  # noqa: S603 - our own words
            command,
            cwd=BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=ending_with_parent(),  # noqa: PLW1509 - it only calls the kernel
        )
        assert self._process.stdout is not None
        if self._process.stdout.readline().strip() != _READY:
            self.end()
            raise RuntimeError("The relay does not listen.")

    @property
    def pid(self) -> int:
        return self._process.pid

    def end(self) -> None:
        self._process.terminate()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(float(sys.argv[1]) / 1000, [int(port) for port in sys.argv[2:]]))
