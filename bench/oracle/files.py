"""Whether files stand where they belong: whole, under their names, and nothing else beside them."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.contents import Expected


def complaints_about(folder: Path, expected: Sequence[Expected]) -> Iterator[str]:
    """Hold a folder against what has to stand in it."""
    standing = {path.name: path for path in folder.iterdir() if path.is_file()}
    for file in expected:
        path = standing.pop(file.name, None)
        if path is None:
            yield f"{file.name} is missing in {folder.name}."
        elif path.stat().st_size != file.size:
            yield f"{file.name} has {path.stat().st_size} of {file.size} bytes."
        elif _sha256(path) != file.sha256:
            yield f"{file.name} has another content."
    yield from (
        f"{name} stands in {folder.name} and was not asked for." for name in sorted(standing)
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
