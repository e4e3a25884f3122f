"""Write a ZIP file piece by piece, while its files are read: nothing is held, however large."""

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, Final

from django.utils import timezone

from exchange.storage import in_pieces

# XML shrinks tenfold at the lowest level; higher ones cost a multiple of the time for little.
_LEVEL: Final = 1
_READABLE_BY_OWNER: Final = 0o600 << 16


class ZipStream:
    """A ZIP file that leaves in pieces.

    It is whole only when :meth:`end` has been read to its end: the table of contents comes last,
    so what breaks off before is no ZIP file to any program.
    """

    def __init__(self) -> None:
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(self._sink, "w")

    def add(self, name: str, content: BinaryIO, *, size: int, at: datetime) -> Iterator[bytes]:
        """Yield the pieces of one file of ``size`` bytes. Raises OSError when it can't be read."""
        with self._zip.open(_entry(name, size, at), "w") as target:
            for piece in in_pieces(content):
                target.write(piece)
                yield self._sink.taken()
        yield self._sink.taken()

    def add_text(self, name: str, text: str, *, at: datetime) -> Iterator[bytes]:
        """Yield a file that holds ``text`` in UTF-8."""
        content = text.encode()
        yield from self.add(name, io.BytesIO(content), size=len(content), at=at)

    def end(self) -> Iterator[bytes]:
        """Yield the table of contents."""
        self._zip.close()
        yield self._sink.taken()


def _entry(name: str, size: int, at: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=timezone.localtime(at).timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    # The level of the ZipFile counts for entries that it makes itself, which bear no time.
    entry._compresslevel = _LEVEL  # type: ignore[attr-defined]  # noqa: SLF001  # public in 3.13
    entry.external_attr = _READABLE_BY_OWNER
    # Decides, before the first piece, whether sizes need 64 bits.
    entry.file_size = size
    return entry


class _Sink:
    """Where zipfile writes; it can't be sought in, so sizes follow each file."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Hold nothing back."""

    def close(self) -> None:
        """Leave what was not taken yet."""

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        found = b"".join(self._pieces)
        self._pieces.clear()
        return found
