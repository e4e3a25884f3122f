"""Write what a command makes to a file that wasn't there before."""

import os
from pathlib import Path

from django.core.management.base import CommandError

_FOR_THE_OWNER = 0o600


def write_new_file(path: Path, contents: bytes) -> None:
    """Write a file that only its owner reads. Raises CommandError, above all when it exists.

    Nothing is overwritten: the old file may be the only copy of a key.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FOR_THE_OWNER)
        with os.fdopen(descriptor, "wb") as file:
            file.write(contents)
    except OSError as exc:
        raise CommandError(f"{path} can't be written: {exc.strerror}.") from exc


def require_new_file(path: Path) -> None:
    """Raise CommandError when the path is taken, before any work is done for it."""
    if os.path.lexists(path):
        raise CommandError(f"{path} exists already; nothing is overwritten.")
