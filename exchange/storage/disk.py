"""What both kinds of writing in the store ask of the disk."""

import errno
import os
from pathlib import Path
from typing import Final

CHUNK: Final = 1024**2


class PayloadMissingError(Exception):
    """A payload's file is not in the store."""


class NoRoomError(OSError):
    """Keeping more would use up the store's reserve; as an OSError it is ENOSPC."""

    def __init__(self, folder: Path) -> None:
        super().__init__(errno.ENOSPC, "Only the reserve is left", str(folder))


def has_room(folder: Path, size: int, *, reserve: int) -> bool:
    """Tell whether ``size`` more bytes in ``folder`` would leave ``reserve`` bytes free.

    Without a reserve, and on a disk that doesn't tell its size, only writing tells.
    """
    if not reserve:
        return True
    disk = os.statvfs(folder)
    return disk.f_blocks == 0 or disk.f_bavail * disk.f_frsize >= size + reserve


def sync_folder(folder: Path) -> None:
    """Make durable which names stand in a folder. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
