"""Signals to processes that others started, and whether they still live."""

import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def send(processes: Iterable[int], number: signal.Signals) -> None:
    """Send a signal to each process; one that is gone already is fine."""
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, number)


def is_alive(process: int) -> bool:
    """Return whether a process runs or is stopped; one that nobody reaped yet is dead."""
    return _state(process) not in ("", "Z", "X")


def children_of(process: int) -> list[int]:
    """Return the direct children of a process."""
    return [
        int(folder.name)
        for folder in Path("/proc").iterdir()
        if folder.name.isdigit() and _stat(int(folder.name), 1) == str(process)
    ]


def group_of(leader: int) -> list[int]:
    """Return the living processes of the process group that ``leader`` leads."""
    return [
        int(folder.name)
        for folder in Path("/proc").iterdir()
        if folder.name.isdigit()
        and _stat(int(folder.name), 2) == str(leader)
        and is_alive(int(folder.name))
    ]


def wait_until_gone(process: int, *, within: float) -> None:
    """Wait for a process that need not be our child. Raises TimeoutError."""
    deadline = time.monotonic() + within
    while is_alive(process):
        if time.monotonic() > deadline:
            raise TimeoutError(f"Process {process} still lives after {within} seconds.")
        time.sleep(0.02)


def _state(process: int) -> str:
    return _stat(process, 0)


def _stat(process: int, field: int) -> str:
    """Return a field of ``/proc/<id>/stat`` behind the name: state, parent, group; or nothing."""
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return text.rpartition(")")[2].split()[field]
