"""Take the files of an XML Schema out of an upload: single files, or a ZIP with folders.

MAGDA hands out the schemas of a service as a ZIP whose files refer to each other by relative
paths (`../../Generiek-02.00/Generiek.xsd`). What comes in is distrusted: nothing is unpacked to
disk, and how many bytes come out is limited whatever an archive says of itself.
"""

import io
import lzma
import zipfile
import zlib
from collections.abc import Iterable
from typing import BinaryIO, Final

from exchange.messages.schema_errors import SchemaError

MAX_FILES: Final = 200
MAX_BYTES: Final = 4 * 1024**2
"""Of all schema files together; those of GeefPersoon have 0.2 MB."""
MAX_UPLOAD_BYTES: Final = 20 * 1024**2
"""Of one uploaded file: an archive holds examples and manuals too."""
MAX_ENTRIES: Final = 5000
"""Files of any kind in an archive."""
MAX_PATH_LENGTH: Final = 300

SchemaFiles = dict[str, bytes]
"""Content by path; paths have forward slashes and neither begin with one nor hold dots alone."""

_SUFFIX: Final = ".xsd"
_ARCHIVE_ERRORS: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    # What bzip2 raises.
    OSError,
    EOFError,
    # An encrypted entry, and a method that is not known, which is a NotImplementedError.
    RuntimeError,
)


def take_schema_files(uploads: Iterable[tuple[str, BinaryIO]]) -> SchemaFiles:
    """Return the schema files among the uploads, which are pairs of a name and its content.

    Other files in an archive are passed over. Raises SchemaError: `schema.no_files`,
    `schema.too_large`, `schema.archive`, `schema.path` or `schema.same_path`.
    """
    found: SchemaFiles = {}
    for name, content in uploads:
        files = _from_archive(content) if _is_archive(name, content) else _single(name, content)
        for path, piece in files:
            _add(found, path, piece)
    if not found:
        raise SchemaError("schema.no_files")
    return found


def _add(found: SchemaFiles, path: str, content: bytes) -> None:
    if path in found:
        raise SchemaError("schema.same_path", path)
    found[path] = content
    if len(found) > MAX_FILES or sum(map(len, found.values())) > MAX_BYTES:
        raise SchemaError("schema.too_large")


def _is_archive(name: str, content: BinaryIO) -> bool:
    return name.lower().endswith(".zip") or zipfile.is_zipfile(content)


def _single(name: str, content: BinaryIO) -> Iterable[tuple[str, bytes]]:
    content.seek(0)
    piece = content.read(MAX_BYTES + 1)
    if len(piece) > MAX_BYTES:
        raise SchemaError("schema.too_large")
    if name.lower().endswith(_SUFFIX):
        yield _checked_path(name), piece


def _from_archive(content: BinaryIO) -> Iterable[tuple[str, bytes]]:
    content.seek(0, io.SEEK_END)
    if content.tell() > MAX_UPLOAD_BYTES:
        raise SchemaError("schema.too_large")
    try:
        with zipfile.ZipFile(content) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_ENTRIES:
                raise SchemaError("schema.too_large")
            for entry in entries:
                if not entry.is_dir() and entry.filename.lower().endswith(_SUFFIX):
                    yield _checked_path(entry.filename), _unpacked(archive, entry)
    except _ARCHIVE_ERRORS as exc:
        raise SchemaError("schema.archive") from exc


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with archive.open(entry) as file:
        # One byte over the limit tells, however much more would come out.
        return file.read(MAX_BYTES + 1)


def _checked_path(path: str) -> str:
    path = path.replace("\\", "/").removeprefix("./")
    parts = path.split("/")
    if len(path) > MAX_PATH_LENGTH or not path.isprintable() or {"", ".", ".."} & set(parts):
        raise SchemaError("schema.path")
    return path
