"""A real Redis on a loopback port, known by its folder: any process can take hold of it."""

import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from exchange.tests.servers.ports import free_port
from faults.services.processes import is_alive, send, wait_until_gone

_PATIENCE = 20.0


class Redis:
    """A Redis server; the port it was first started on stays its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._port_file = folder / "port"
        self._process_file = folder / "redis.pid"

    @property
    def port(self) -> int:
        return int(self._port_file.read_text(encoding="ascii"))

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int:
        return int(self._process_file.read_text(encoding="ascii"))

    def start(self) -> None:
        """Start and wait until it answers. Raises TimeoutError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self._port_file.exists():
            self._port_file.write_text(str(free_port()), encoding="ascii")
        subprocess.run(  # noqa: S603 - our own words
            [  # noqa: S607 - wherever the package put it
                "redis-server",
                *("--port", str(self.port), "--bind", "127.0.0.1", "--daemonize", "yes"),
                *("--dir", str(self.folder), "--pidfile", str(self._process_file)),
                *("--save", "", "--appendonly", "no"),
                *("--logfile", str(self.folder / "redis.log")),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        self._await_answer()

    def stop(self) -> None:
        """End it as an operator does; everything it held is gone. Does nothing when it is down."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it by force."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Kill it and start it anew, empty."""
        self.kill()
        self.start()

    def freeze(self) -> None:
        """Stop the process: its port still accepts connections, and nothing ever answers."""
        send([self.pid], signal.SIGSTOP)

    def thaw(self) -> None:
        send([self.pid], signal.SIGCONT)

    def flush(self) -> None:
        """Forget everything: FLUSHALL."""
        answer = self._ask(b"FLUSHALL\r\n")
        if not answer.startswith(b"+OK"):
            raise RuntimeError(f"Redis said {answer!r}.")

    def ping(self) -> bool:
        """Return whether it answers. Raises OSError when it can't be reached or keeps silent."""
        return self._ask(b"PING\r\n").startswith(b"+PONG")

    def is_running(self) -> bool:
        return self._process_file.exists() and is_alive(self.pid)

    def _end(self, number: signal.Signals) -> None:
        if not self.is_running():
            return
        process = self.pid
        # A stopped process takes SIGTERM only once it goes on.
        send([process], number)
        send([process], signal.SIGCONT)
        wait_until_gone(process, within=_PATIENCE)

    def _ask(self, command: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), 2) as connection:
            connection.sendall(command)
            return connection.recv(100)

    def _await_answer(self) -> None:
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            with suppress(OSError):
                if self.ping():
                    return
            time.sleep(0.05)
        raise TimeoutError(f"Redis does not answer; see {self.folder / 'redis.log'}.")
