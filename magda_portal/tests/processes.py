"""Find and await real processes in tests, by a mark in their environment.

A child of a child keeps the mark whatever happens to its parents, so an orphan is found too.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

MARK = "PORTAL_TEST_MARK"


def marked(mark: str) -> set[int]:
    """Return the ids of the living processes that carry the mark."""
    wanted = f"{MARK}={mark}".encode()
    found = set()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                state = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
                if state != "Z" and wanted in (folder / "environ").read_bytes().split(b"\0"):
                    found.add(int(folder.name))
    return found


def eventually(condition: Callable[[], bool], *, within: float = 10.0) -> bool:
    """Wait until a condition holds; return whether it did within so many seconds."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


@contextmanager
def nothing_left() -> Iterator[str]:
    """Give a mark, and end by force whatever still carries it afterwards."""
    mark = uuid4().hex
    try:
        yield mark
    finally:
        for process in marked(mark):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
