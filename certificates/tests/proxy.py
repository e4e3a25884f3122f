"""A real HTTP proxy that nobody here wrote."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def tinyproxy(folder: Path) -> Iterator[int]:
    """Run tinyproxy for as long as the block lasts; yields its port on loopback."""
    port = free_port()
    configuration = folder / "tinyproxy.conf"
    configuration.write_text(f"Port {port}\nListen 127.0.0.1\nAllow 127.0.0.1\nTimeout 10\n")
    with subprocess.Popen(
        ["tinyproxy", "-d", "-c", configuration],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as proxy:
        try:
            _wait_for(port)
            yield port
        finally:
            proxy.terminate()


def free_port() -> int:
    """Return a port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("tinyproxy does not start.")
