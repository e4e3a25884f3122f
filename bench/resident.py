"""Resident memory of a process, from ``/proc`` (see proc(5)); in MiB."""

import re
from pathlib import Path


def resident(process: int | str) -> float:
    """Return what a process holds now."""
    return _field(process, "VmRSS")


def peak(process: int | str) -> float:
    """Return the most that it held since its start or :func:`reset_peak`."""
    return _field(process, "VmHWM")


def reset_peak(process: int | str) -> None:
    """Let the peak be what is held now."""
    Path(f"/proc/{process}/clear_refs").write_text("5", encoding="ascii")


def _field(process: int | str, name: str) -> float:
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    found = re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)
    if found is None:
        raise ProcessLookupError(f"Process {process} tells no {name}.")
    return int(found[1]) / 1024
