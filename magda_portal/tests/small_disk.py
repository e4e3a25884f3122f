"""A file system of a few megabytes, for tests that fill a disk."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_FILLER = "filler"


@contextmanager
def small_disk(folder: Path, *, megabytes: int = 5, options: str = "rw") -> Iterator[Path]:
    """Mount one on ``folder``; skip the test where the machine doesn't let us mount."""
    folder.mkdir(parents=True, exist_ok=True)
    options = f"size={megabytes}m,mode=0700,{options}"
    mounting = ["mount", "-t", "tmpfs", "-o", options, "portal-test", str(folder)]
    mounted = subprocess.run(mounting, check=False, capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"No file system can be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        # Lazily: a process that is still ending may hold a file.
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path, *, leaving: int = 0) -> None:
    """Use up the disk but for some bytes."""
    filler = disk / _FILLER
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 4096):
                pass
        except OSError:
            file.truncate(max(0, file.tell() - leaving))


def make_room(disk: Path) -> None:
    """Take away what :func:`fill` left, if anything."""
    (disk / _FILLER).unlink(missing_ok=True)
