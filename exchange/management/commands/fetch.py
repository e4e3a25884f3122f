"""``manage.py fetch``: write a transfer's file to a path."""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from exchange.errors import StateError
from exchange.management.command import PortalCommand, command_actor
from exchange.models import Transfer
from exchange.services.opening import open_content
from exchange.storage import in_pieces


class Command(PortalCommand):
    help = "Write the file of a transfer to a path; it is either whole there or not at all."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("transfer", type=int, metavar="TRANSFER", help="its number")
        parser.add_argument("--output", type=Path, required=True, metavar="PATH")
        parser.add_argument("--force", action="store_true", help="replace a file that exists")

    def work(self, options: dict[str, Any]) -> bool:
        output: Path = options["output"]
        if output.is_dir():
            raise CommandError(f"{output} is a folder; name a file in it.")
        if output.is_symlink() or (output.exists() and not output.is_file()):
            raise CommandError(f"{output} is no ordinary file; name one, or a new name.")
        if output.exists() and not options["force"]:
            raise _exists(output)
        transfer = _transfer(options["transfer"])
        try:
            with _temporary_beside(output) as temporary:
                self._write(transfer, temporary)
                _put(temporary, output, replaces=options["force"])
        except OSError as exc:
            raise CommandError(f"{output} can't be written: {exc.strerror}.") from exc
        self.say(f"fetched\t{output}\t{transfer.size}\t{transfer.sha256}")
        return True

    def _write(self, transfer: Transfer, temporary: Path) -> None:
        content = open_content(transfer, actor=command_actor(), now=timezone.now())
        with content, temporary.open("wb") as target:
            if _copy(content, target) != transfer.sha256:
                raise StateError("payload.corrupt")
            target.flush()
            os.fsync(target.fileno())


def _transfer(number: int) -> Transfer:
    rows = Transfer.objects.select_related("account__identity__organisation", "payload")
    transfer = rows.filter(pk=number).first()
    if transfer is None:
        raise CommandError(f"There is no transfer {number}.")
    return transfer


@contextlib.contextmanager
def _temporary_beside(output: Path) -> Iterator[Path]:
    """Make an empty file in the folder of ``output``, readable by its owner only."""
    descriptor, name = tempfile.mkstemp(prefix=".fetch-", dir=output.parent)
    os.close(descriptor)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _put(temporary: Path, output: Path, *, replaces: bool) -> None:
    """Give the file its name; a link, unlike a rename, fails on a name that was taken meanwhile."""
    if replaces:
        temporary.replace(output)
        return
    try:
        os.link(temporary, output)
    except FileExistsError as exc:
        raise _exists(output) from exc


def _exists(output: Path) -> CommandError:
    return CommandError(f"{output} exists; use --force to replace it.")


def _copy(source: BinaryIO, target: BinaryIO) -> str:
    """Copy in pieces and return the SHA-256 in hex."""
    digest = hashlib.sha256()
    for piece in in_pieces(source):
        digest.update(piece)
        target.write(piece)
    return digest.hexdigest()
