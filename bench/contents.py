"""Files to move: their name decides their content, so that any process knows what to expect."""

import base64
import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

_HEAD: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n<bench>'
_TAIL: Final = b"</bench>\n"
_PIECE: Final = 4 * 1024**2


@dataclass(frozen=True, slots=True)
class Expected:
    """A file as it has to arrive: its name, its size in bytes, its SHA-256 in hex."""

    name: str
    size: int
    sha256: str

    @classmethod
    def numbered(cls, prefix: str, count: int, size: int) -> "list[Expected]":
        """Return the files ``<prefix>-0000.xml`` and so on."""
        return [cls.named(f"{prefix}-{number:04}.xml", size) for number in range(count)]

    @classmethod
    def named(cls, name: str, size: int) -> Self:
        return cls(name, size, hashlib.sha256(request_content(name, size)).hexdigest())


def request_content(name: str, size: int) -> bytes:
    """Return well-formed XML of ``size`` bytes that belongs to this name alone."""
    room = size - len(_HEAD) - len(_TAIL)
    noise = random.Random(name).randbytes(room * 3 // 4 + 3)  # noqa: S311 - guards nothing
    return _HEAD + base64.b64encode(noise)[:room] + _TAIL


def lay_files(folder: Path, files: Sequence[Expected]) -> None:
    """Write files into a folder, which is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        (folder / file.name).write_bytes(request_content(file.name, file.size))


def lay_large_file(path: Path, size: int) -> str:
    """Write a file of ``size`` bytes that can't be compressed; return its SHA-256 in hex."""
    noise = random.Random(path.name)  # noqa: S311 - guards nothing
    digest = hashlib.sha256()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for start in range(0, size, _PIECE):
            piece = noise.randbytes(min(_PIECE, size - start))
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest()
