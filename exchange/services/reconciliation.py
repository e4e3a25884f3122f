"""Decide by looking at the server what became of a delivery whose rename was asked.

MAGDA may have picked the file up within a second, so the copy in ``cache/to_vip`` counts as well as
the file in ``to_vip``. What stood there under the same name before is told apart by size and time,
and by its content where that can be had.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from exchange.ftps import CommandError, Entry, FTPSClient
from exchange.models import Account, Transfer
from exchange.remote import path_in
from exchange.services import temporary_files
from exchange.services.temporary_files import listing_of


class Verdict(StrEnum):
    ARRIVED = "arrived"
    STILL_TEMPORARY = "still under its temporary name"
    NAME_TAKEN = "another file has its name"
    UNKNOWN = "nowhere to be seen"


@dataclass(frozen=True, slots=True)
class Folders:
    """What ``to_vip`` and ``cache/to_vip`` hold, by name."""

    to_vip: dict[str, Entry]
    cache_to_vip: dict[str, Entry]

    def standing(self, name: str) -> dict[str, str]:
        """Return what stands under ``name``: folder to "size modified"."""
        found = {"to_vip": self.to_vip.get(name), "cache_to_vip": self.cache_to_vip.get(name)}
        return {folder: _shape(entry) for folder, entry in found.items() if entry}


def look(client: FTPSClient, account: Account) -> Folders:
    """List both folders. Raises FTPSError; a missing cache folder counts as empty."""
    to_vip = {entry.name: entry for entry in client.entries(account.folder_to_vip)}
    return Folders(to_vip, listing_of(client, account.folder_cache_to_vip))


def verdict_on(client: FTPSClient, transfer: Transfer) -> Verdict:
    """Look for the temporary file and for a final one that was not there before.

    Raises FTPSError when the server can't be looked at.
    """
    folders = look(client, transfer.account)
    may_have_arrived = _arrived(client, folders, transfer)
    if not _stands_temporarily(client, transfer):
        return Verdict.ARRIVED if may_have_arrived else Verdict.UNKNOWN
    if may_have_arrived:
        # A server that renames by copying shows both for a while; so does a late STOR of a worker
        # that was frozen. What may be ours is looked at again: never disowned, and never renamed
        # a second time, after MAGDA took the first.
        return Verdict.UNKNOWN
    is_taken = transfer.final_name in folders.to_vip
    return Verdict.NAME_TAKEN if is_taken else Verdict.STILL_TEMPORARY


def client_has(client: FTPSClient, path: str) -> bool:
    """Return whether ``path`` is in its folder's listing; in a missing folder it isn't."""
    folder, name = temporary_files.split(path)
    return name in listing_of(client, folder)


def _stands_temporarily(client: FTPSClient, transfer: Transfer) -> bool:
    """Return whether the file that was to be renamed is still there.

    It was whole. A part under one of our names was left by an attempt that woke up late.
    """
    standing = temporary_files.standing(client, transfer)
    return any(entry.size in (None, transfer.size) for _, entry in standing)


def _arrived(client: FTPSClient, folders: Folders, transfer: Transfer) -> bool:
    paths = {
        "to_vip": transfer.account.folder_to_vip,
        "cache_to_vip": transfer.account.folder_cache_to_vip,
    }
    return any(
        shape != transfer.stood_before.get(folder)
        and _size(shape) in ("", str(transfer.size))
        and _may_be_ours(client, transfer, path_in(paths[folder], transfer.final_name))
        for folder, shape in folders.standing(transfer.final_name).items()
    )


def _may_be_ours(client: FTPSClient, transfer: Transfer, path: str) -> bool:
    """Compare the content, where the server tells its hash or the copy in the cache can be read."""
    try:
        digest = client.sha256(path)
        if digest is None and path.startswith(f"{transfer.account.folder_cache_to_vip}/"):
            copy = hashlib.sha256()
            client.retrieve(path, copy.update)
            digest = copy.hexdigest()
    except CommandError:
        return True
    return digest in (None, transfer.sha256)


def _shape(entry: Entry) -> str:
    modified = entry.modified.isoformat() if entry.modified else ""
    return f"{'' if entry.size is None else entry.size} {modified}"


def _size(shape: str) -> str:
    return shape.partition(" ")[0]
