"""An FTPS server that shows its certificate and does nothing else, on one port or on many."""

import selectors
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from certificates.tests.builders import Issued


class ShowingServer:
    """Greets, answers AUTH TLS, shakes hands and says goodbye, one thread per connection.

    The chain may be changed while it runs: :meth:`show`.
    """

    def __init__(self, directory: Path, *chain: Issued, ports: int = 1, tls13: bool = True) -> None:
        self._directory = directory
        self._tls13 = tls13
        self._listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(ports)]
        self.ports: list[int] = [one.getsockname()[1] for one in self._listeners]
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._lock = threading.Lock()
        self._open = 0
        self.visits = 0
        self.most_at_once = 0
        self.names: list[str | None] = []
        self.show(*chain)

    @property
    def port(self) -> int:
        return self.ports[0]

    def show(self, *chain: Issued, tls13: bool | None = None) -> None:
        """Show this chain from now on, the server's own certificate first."""
        self._tls13 = self._tls13 if tls13 is None else tls13
        file = self._directory / "showing.pem"
        file.write_bytes(chain[0].bundle(*chain[1:]).private_key_pem + _pem(chain))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if not self._tls13:
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(file)
        context.sni_callback = lambda _connection, name, _context: self.names.append(name)
        self._context = context

    def __enter__(self) -> Self:
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
        for listener in self._listeners:
            listener.close()

    def _accept(self) -> None:
        with selectors.DefaultSelector() as selector:
            for listener in self._listeners:
                selector.register(listener, selectors.EVENT_READ)
            while not self._stopping.is_set():
                for key, _ in selector.select(0.1):
                    assert isinstance(key.fileobj, socket.socket)
                    client, _ = key.fileobj.accept()
                    threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with self._counted(), suppress(OSError), client:
            client.settimeout(10)
            client.sendall(b"220-Welcome\r\n220 Ready\r\n")
            client.recv(100)
            client.sendall(b"234 Go on\r\n")
            with self._context.wrap_socket(client, server_side=True) as secure:
                secure.recv(100)
                secure.sendall(b"221 Bye\r\n")

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._lock:
            self.visits += 1
            self._open += 1
            self.most_at_once = max(self.most_at_once, self._open)
        try:
            yield
        finally:
            with self._lock:
                self._open -= 1


def _pem(chain: tuple[Issued, ...]) -> bytes:
    return b"".join(issued.pem for issued in chain)
