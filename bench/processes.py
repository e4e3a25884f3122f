"""CPU time of other processes, from ``/proc`` (see proc(5))."""

from contextlib import suppress
from pathlib import Path
from typing import Final

_NANOSECOND: Final = 1e-9


def cpu_seconds(process: int) -> float:
    """Return the CPU seconds of a process, all its threads; 0 when it is gone."""
    total = 0.0
    with suppress(OSError):
        for thread in Path(f"/proc/{process}/task").iterdir():
            with suppress(OSError):
                total += int((thread / "schedstat").read_text(encoding="ascii").split()[0])
    return total * _NANOSECOND


def family_of(process: int) -> list[int]:
    """Return a process and all that descend from it."""
    found, waiting = [], [process]
    while waiting:
        each = waiting.pop()
        found.append(each)
        with suppress(OSError):
            for thread in Path(f"/proc/{each}/task").iterdir():
                children = (thread / "children").read_text(encoding="ascii").split()
                waiting.extend(int(child) for child in children)
    return found
