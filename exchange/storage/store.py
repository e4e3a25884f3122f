"""Whole files by id: written, opened, erased and swept."""

import hashlib
import logging
import os
import stat
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from django.conf import settings

from exchange.storage.disk import CHUNK, NoRoomError, PayloadMissingError, has_room, sync_folder
from exchange.storage.partial import PartialFile, begin_file

logger = logging.getLogger(__name__)

# How much is written before the free space is looked at again.
_LOOK_EVERY = 16 * CHUNK
_TEMPORARY = ".part"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What was kept: its id, its size in bytes, and its SHA-256 in hex."""

    id: uuid.UUID
    size: int
    sha256: str


class PayloadWriter:
    """Takes a file in pieces; :meth:`keep` makes it durable.

    Used as a context manager: leaving without :meth:`keep` removes what was written. ``reserve``
    bytes of the disk are left alone (0: whatever is free may be used).
    """

    def __init__(self, final: Path, file_id: uuid.UUID, *, reserve: int = 0) -> None:
        self._final = final
        self._temporary = final.with_suffix(_TEMPORARY)
        self._id = file_id
        self._hash = hashlib.sha256()
        self._reserve = reserve
        self._room_until = 0
        self.size = 0
        self._look_for_room(0)
        self._file: BinaryIO = self._open()

    def _open(self) -> BinaryIO:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        return os.fdopen(os.open(self._temporary, flags, 0o600), "wb", buffering=CHUNK)

    def write(self, piece: bytes) -> None:
        """Take the next piece. Raises OSError, NoRoomError among them."""
        if self.size + len(piece) > self._room_until:
            self._look_for_room(len(piece))
        self._file.write(piece)
        self._hash.update(piece)
        self.size += len(piece)

    def keep(self) -> StoredFile:
        """Sync the file and its folder, and give it its final name. Raises OSError."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._temporary.rename(self._final)
        try:
            sync_folder(self._final.parent)
        except OSError:
            # The caller is told that nothing was kept, so nothing may stand there.
            self._final.unlink(missing_ok=True)
            raise
        return StoredFile(self._id, self.size, self._hash.hexdigest())

    def _look_for_room(self, wanted: int) -> None:
        if not has_room(self._final.parent, wanted, reserve=self._reserve):
            raise NoRoomError(self._final.parent)
        self._room_until = self.size + max(wanted, _LOOK_EVERY)

    def __enter__(self) -> "PayloadWriter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            # A full disk makes close() fail as well; what matters then is the removal.
            self._file.close()
        finally:
            self._temporary.unlink(missing_ok=True)


class PayloadStore:
    """Files by id, below one folder, on a disk of which ``reserve`` bytes are left alone."""

    def __init__(self, root: Path, *, reserve: int = 0) -> None:
        self.root = root
        self._reserve = reserve

    def has_room_for(self, size: int) -> bool:
        """Tell whether ``size`` more bytes would leave the reserve alone."""
        return has_room(self.root, size, reserve=self._reserve)

    def writer(self) -> PayloadWriter:
        """Begin a new file. Raises OSError when the disk is full or can't be written."""
        file_id = uuid.uuid4()
        final = self._path(file_id)
        if not final.parent.is_dir():
            final.parent.mkdir(mode=0o700, exist_ok=True)
            sync_folder(self.root)
        return PayloadWriter(final, file_id, reserve=self._reserve)

    def keep(self, pieces: Iterable[bytes]) -> StoredFile:
        """Store a whole file that comes in pieces. Raises OSError."""
        with self.writer() as writer:
            for piece in pieces:
                writer.write(piece)
            return writer.keep()

    def begin(self) -> uuid.UUID:
        """Make an empty file that comes in over several requests; return its id. Raises OSError."""
        return begin_file(self._part)

    def partial(self, file_id: uuid.UUID) -> PartialFile:
        """Open a file that was begun. Raises PayloadMissingError."""
        return PartialFile(self._part(file_id), self._path(file_id), reserve=self._reserve)

    def open(self, file_id: uuid.UUID) -> BinaryIO:
        """Open a file for reading. Raises PayloadMissingError."""
        try:
            return self._path(file_id).open("rb")
        except FileNotFoundError as exc:
            raise PayloadMissingError(f"Payload {file_id} is not in the store.") from exc

    def size_of(self, file_id: uuid.UUID) -> int | None:
        """Return the size of a whole file in bytes; None when it is not in the store."""
        path = self._path(file_id)
        found = _stat(path)
        return found.st_size if found and stat.S_ISREG(found.st_mode) else None

    def erase(self, file_id: uuid.UUID) -> None:
        """Remove a file, whole or not; one that is gone already is fine."""
        path = self._path(file_id)
        self._part(file_id).unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            sync_folder(path.parent)

    def stray_files(self, *, older_than_seconds: float) -> Iterator[uuid.UUID]:
        """Yield ids of whole files that have not been touched for that long.

        The caller knows which of them no row refers to: a crash between keeping a file and
        committing its row leaves one. What has another name than ours is not ours to judge.
        """
        for path in self._untouched("??/*", older_than_seconds):
            if file_id := _id_of(path):
                yield file_id

    def sweep_unfinished(self, *, older_than_seconds: float) -> int:
        """Remove unfinished files that nobody has written to for that long; return how many."""
        removed = 0
        for path in self._untouched(f"??/*{_TEMPORARY}", older_than_seconds):
            try:
                path.unlink(missing_ok=True)
                removed += 1
            except OSError:
                logger.exception("The unfinished file %s could not be removed.", path.name)
        return removed

    def _untouched(self, pattern: str, seconds: float) -> Iterator[Path]:
        before = time.time() - seconds
        for path in self.root.glob(pattern):
            # Another worker may remove a file at any moment.
            found = _stat(path)
            if found and stat.S_ISREG(found.st_mode) and found.st_mtime < before:
                yield path

    def _path(self, file_id: uuid.UUID) -> Path:
        return self.root / file_id.hex[:2] / str(file_id)

    def _part(self, file_id: uuid.UUID) -> Path:
        return self._path(file_id).with_suffix(_TEMPORARY)


def payload_store() -> PayloadStore:
    """Return the store of the settings."""
    return PayloadStore(settings.PAYLOAD_DIR, reserve=settings.STORAGE_RESERVE_MB * 1024**2)


def in_pieces(source: BinaryIO) -> Iterable[bytes]:
    """Read a file in pieces of 1 MiB, never whole."""
    while piece := source.read(CHUNK):
        yield piece


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except FileNotFoundError:
        return None


def _id_of(path: Path) -> uuid.UUID | None:
    """Return the id that a file of ours has as its name; None for any other name."""
    try:
        file_id = uuid.UUID(path.name)
    except ValueError:
        return None
    return file_id if str(file_id) == path.name else None
