"""The only code that touches payload files.

A file is written under a temporary name, made durable, and then renamed: what stands under its
final name is whole, also after a power cut. Names on disk are UUIDs made here; no name that came
from outside is ever part of a path.
"""

import hashlib
import os
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from django.conf import settings

CHUNK = 1024**2
_TEMPORARY = ".part"


class PayloadMissingError(Exception):
    """A payload's file is not in the store."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What was kept: its id, its size in bytes, and its SHA-256 in hex."""

    id: uuid.UUID
    size: int
    sha256: str


class PayloadWriter:
    """Takes a file in pieces; :meth:`keep` makes it durable.

    Used as a context manager: leaving without :meth:`keep` removes what was written.
    """

    def __init__(self, final: Path, file_id: uuid.UUID) -> None:
        self._final = final
        self._temporary = final.with_suffix(_TEMPORARY)
        self._id = file_id
        self._hash = hashlib.sha256()
        self._file: BinaryIO = self._open()
        self.size = 0

    def _open(self) -> BinaryIO:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        return os.fdopen(os.open(self._temporary, flags, 0o600), "wb", buffering=CHUNK)

    def write(self, piece: bytes) -> None:
        self._file.write(piece)
        self._hash.update(piece)
        self.size += len(piece)

    def keep(self) -> StoredFile:
        """Sync the file and its folder, and give it its final name. Raises OSError."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._temporary.rename(self._final)
        _sync_folder(self._final.parent)
        return StoredFile(self._id, self.size, self._hash.hexdigest())

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
    """Files by id, below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def writer(self) -> PayloadWriter:
        """Begin a new file. Raises OSError when the disk is full or can't be written."""
        file_id = uuid.uuid4()
        final = self._path(file_id)
        if not final.parent.is_dir():
            final.parent.mkdir(mode=0o700, exist_ok=True)
            _sync_folder(self.root)
        return PayloadWriter(final, file_id)

    def keep(self, pieces: Iterable[bytes]) -> StoredFile:
        """Store a whole file that comes in pieces. Raises OSError."""
        with self.writer() as writer:
            for piece in pieces:
                writer.write(piece)
            return writer.keep()

    def open(self, file_id: uuid.UUID) -> BinaryIO:
        """Open a file for reading. Raises PayloadMissingError."""
        try:
            return self._path(file_id).open("rb")
        except FileNotFoundError as exc:
            raise PayloadMissingError(f"Payload {file_id} is not in the store.") from exc

    def erase(self, file_id: uuid.UUID) -> None:
        """Remove a file; one that is gone already is fine."""
        path = self._path(file_id)
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            _sync_folder(path.parent)

    def stray_files(self, *, older_than_seconds: float) -> list[uuid.UUID]:
        """Return ids of whole files that have not been touched for that long.

        The caller knows which of them no row refers to: a crash between keeping a file and
        committing its row leaves one.
        """
        before = time.time() - older_than_seconds
        return [
            uuid.UUID(path.name)
            for path in self.root.glob("??/*")
            if path.suffix != _TEMPORARY and path.stat().st_mtime < before
        ]

    def sweep_unfinished(self, *, older_than_seconds: float) -> int:
        """Remove unfinished files that nobody has written to for that long; return how many."""
        before = time.time() - older_than_seconds
        stale = [p for p in self.root.glob(f"??/*{_TEMPORARY}") if p.stat().st_mtime < before]
        for path in stale:
            path.unlink(missing_ok=True)
        return len(stale)

    def _path(self, file_id: uuid.UUID) -> Path:
        return self.root / file_id.hex[:2] / str(file_id)


def payload_store() -> PayloadStore:
    """Return the store of the settings."""
    return PayloadStore(settings.PAYLOAD_DIR)


def in_pieces(source: BinaryIO) -> Iterable[bytes]:
    """Read a file in pieces of 1 MiB, never whole."""
    while piece := source.read(CHUNK):
        yield piece


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
