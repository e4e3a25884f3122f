"""A file of the store that comes in over several requests, each of which may break off."""

import fcntl
import hashlib
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from exchange.storage.disk import CHUNK, NoRoomError, PayloadMissingError, has_room, sync_folder

# Seconds to wait for somebody else's write; a lock that is held longer is held by the last check.
_PATIENCE: Final = 2.0
_TICK: Final = 0.02


class FileBusyError(Exception):
    """Somebody else works on the file at this moment."""


class PartialFile:
    """An open file that is not whole yet; only who holds its lock may change it.

    The lock is the kernel's and belongs to the open file: two requests of one process exclude each
    other too, and it ends with the process that held it. Positions are given with each write, so
    nothing that another request left behind moves them.
    """

    def __init__(self, part: Path, final: Path, *, reserve: int) -> None:
        """Open it; raises PayloadMissingError."""
        self._part = part
        self._final = final
        self._reserve = reserve
        self._descriptor = _open(part, final)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock. Raises FileBusyError when somebody else keeps it for seconds."""
        give_up_at = time.monotonic() + _PATIENCE
        while not self._try_to_lock():
            if time.monotonic() > give_up_at:
                raise FileBusyError(self._part.name)
            time.sleep(_TICK)
        try:
            yield
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def _try_to_lock(self) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    @property
    def size(self) -> int:
        return os.fstat(self._descriptor).st_size

    def cut_to(self, size: int) -> None:
        """Drop what stands behind the first ``size`` bytes: nobody was told that it is here.

        Raises PayloadMissingError when there are fewer: somebody was told of bytes that are gone.
        """
        if not self._part.exists():
            # A crash came between its final name and the row that tells of it.
            _rename(self._final, self._part)
        if self.size < size:
            raise PayloadMissingError(f"{self._part.name} is shorter than was acknowledged.")
        os.ftruncate(self._descriptor, size)

    def write(self, piece: bytes, *, at: int) -> None:
        """Put ``piece`` at a position. Raises OSError, NoRoomError among them."""
        if not has_room(self._part.parent, len(piece), reserve=self._reserve):
            raise NoRoomError(self._part.parent)
        rest = memoryview(piece)
        while rest:
            written = os.pwrite(self._descriptor, rest, at)
            at, rest = at + written, rest[written:]

    def sync(self) -> None:
        """Make durable what was written. Raises OSError."""
        os.fsync(self._descriptor)

    def sha256(self) -> str:
        """Return the SHA-256, in hex, of all of it as it stands on the disk."""
        found, at = hashlib.sha256(), 0
        while piece := os.pread(self._descriptor, CHUNK, at):
            found.update(piece)
            at += len(piece)
        return found.hexdigest()

    def read(self) -> BinaryIO:
        """Open it for reading, from its beginning."""
        reading = os.fdopen(os.dup(self._descriptor), "rb")
        reading.seek(0)
        return reading

    def keep(self) -> None:
        """Give it, synced, its final name. Raises PayloadMissingError when it was erased."""
        _rename(self._part, self._final)
        sync_folder(self._final.parent)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        os.close(self._descriptor)


def begin_file(part_of: Callable[[uuid.UUID], Path]) -> uuid.UUID:
    """Make an empty file, durably; return its id. Raises OSError."""
    file_id = uuid.uuid4()
    part = part_of(file_id)
    if not part.parent.is_dir():
        part.parent.mkdir(mode=0o700, exist_ok=True)
        sync_folder(part.parent.parent)
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
    sync_folder(part.parent)
    return file_id


def _open(part: Path, final: Path) -> int:
    """Return a descriptor; looked for twice, as it may be renamed between two questions."""
    for path in (part, final, part):
        try:
            return os.open(path, os.O_RDWR | os.O_NOFOLLOW)
        except FileNotFoundError:
            continue
    raise PayloadMissingError(f"{part.name} is not in the store.")


def _rename(old: Path, new: Path) -> None:
    try:
        old.rename(new)
    except FileNotFoundError as exc:
        raise PayloadMissingError(f"{old.name} was erased.") from exc
