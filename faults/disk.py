"""What lies on the disk, here and at the server: looked at apart from the code under test."""

import hashlib
from pathlib import Path

from django.conf import settings

from exchange.models import Payload


def path_of(payload: Payload) -> Path:
    """Return where the store keeps a whole content."""
    return Path(settings.PAYLOAD_DIR) / payload.pk.hex[:2] / str(payload.pk)


def files_below(folder: Path) -> list[Path]:
    """Return all files in a folder and the folders in it."""
    return [path for path in folder.rglob("*") if path.is_file()]


def fingerprint(path: Path) -> tuple[int, str]:
    """Return the size in bytes and the SHA-256 in hex of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return file.tell(), digest.hexdigest()
