"""The portal as one command starts it, for tests that want all of it."""

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.error import URLError

from magda_portal import bootstrap
from magda_portal.tests.processes import MARK, marked, nothing_left

COMMAND = [sys.executable, "-m", "magda_portal.embedded"]
# The tests' own environment names a data folder and secrets; the portal starts without any.
CONFIGURED = {"DATA_DIR", "SECRET_KEY", "SEALING_KEYS", "EMAIL_URL", "DJANGO_SETTINGS_MODULE"}


def free_ports(count: int) -> list[int]:
    """Return ports that were free a moment ago, all different."""
    with ExitStack() as stack:
        servers = [
            stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)
        ]
        return [server.getsockname()[1] for server in servers]


def unconfigured(**environ: str) -> dict[str, str]:
    """Return this process's environment without the tests' configuration, and some values."""
    return {name: value for name, value in os.environ.items() if name not in CONFIGURED} | environ


class Portal:
    """The portal as ``make run`` starts it, on ports and in a folder of its own."""

    def __init__(self, mark: str, folder: Path) -> None:
        self.mark = mark
        self.data_dir = folder / "var"
        self.output = folder / "output"
        self.web, self.sandbox = free_ports(2)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, command: Sequence[str] = COMMAND, **extra: str) -> subprocess.Popen[bytes]:
        """Start it; ``extra`` is added to its environment."""
        environ = unconfigured(
            DATA_DIR=str(self.data_dir), PORT=str(self.web), SANDBOX_PORT=str(self.sandbox)
        )
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                cwd=bootstrap.BASE_DIR,
                env={**environ, MARK: self.mark, **extra},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        return self.process

    def shows_a_page(self) -> bool:
        with suppress(URLError, ConnectionError):
            address = f"http://127.0.0.1:{self.web}/"
            with urllib.request.urlopen(address, timeout=10) as answer:
                return bool(answer.status == 200)
        return False

    def is_whole(self) -> bool:
        """Supervisor, web and its worker, rounds with beat, transfers with four, practice MAGDA."""
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.sandbox), 1):
            return len(marked(self.mark)) >= 11
        return False

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@contextmanager
def a_portal(folder: Path) -> Iterator[Portal]:
    """Give a portal that isn't started yet; whatever it leaves behind is ended afterwards."""
    with nothing_left() as mark:
        portal = Portal(mark, folder)
        try:
            yield portal
        finally:
            portal.end()
