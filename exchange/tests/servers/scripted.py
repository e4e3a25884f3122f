"""A server without TLS that says what a test tells it to: for the conversations that go wrong."""

import socket
import threading
import time
from types import TracebackType
from typing import Final, Self

SILENCE: Final = "silence"


class ScriptedServer:
    """Greets each client and answers its commands from a table; anything else gets 502.

    ``greeting`` or an answer may be :data:`SILENCE`: nothing is said and the connection stays open.
    An empty greeting hangs up at once.
    """

    def __init__(self, greeting: str, answers: dict[str, str] | None = None) -> None:
        self.commands: list[str] = []
        self._greeting = greeting
        self._answers = answers or {}
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._stopping = threading.Event()

    def __enter__(self) -> Self:
        self._listener.settimeout(0.1)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._thread.join(5)
        self._listener.close()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            with client:
                client.settimeout(0.1)
                self._converse(client)

    def _converse(self, client: socket.socket) -> None:
        if not self._greeting or not self._say(client, self._greeting):
            return
        while (line := self._hear(client)) is not None:
            self.commands.append(line)
            if not self._say(client, self._answers.get(line.split(" ")[0], "502 No.")):
                return

    def _say(self, client: socket.socket, text: str) -> bool:
        if text == SILENCE:
            while not self._stopping.is_set() and _is_open(client):
                time.sleep(0.02)
            return False
        client.sendall(f"{text}\r\n".encode())
        return True

    def _hear(self, client: socket.socket) -> str | None:
        received = b""
        while not received.endswith(b"\r\n"):
            if self._stopping.is_set():
                return None
            try:
                data = client.recv(4096)
            except TimeoutError:
                continue
            except OSError:
                return None
            if not data:
                return None
            received += data
        return received.decode("utf-8", "replace").strip()


def _is_open(client: socket.socket) -> bool:
    try:
        return client.recv(4096) != b""
    except TimeoutError:
        return True
    except OSError:
        return False
