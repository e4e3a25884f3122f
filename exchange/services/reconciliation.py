"""Decide by looking at the server what became of a delivery whose rename was asked.

MAGDA may have picked the file up within a second, so the copy in ``cache/to_vip`` counts as well as
the file in ``to_vip``. What stood there under the same name before is told apart by size and time.
"""

from dataclasses import dataclass
from enum import StrEnum

from exchange.ftps import Entry, FTPSClient, NotFoundError
from exchange.models import Account, Transfer


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
    to_vip = by_name(client.entries(account.folder_to_vip))
    try:
        cached = by_name(client.entries(account.folder_cache_to_vip))
    except NotFoundError:
        cached = {}
    return Folders(to_vip, cached)


def verdict_on(client: FTPSClient, transfer: Transfer) -> Verdict:
    """Look for the temporary file and for a final one that was not there before.

    Raises FTPSError when the server can't be looked at.
    """
    folders = look(client, transfer.account)
    arrived = _arrived(folders, transfer)
    temporary_there = client_has(client, transfer.temporary_path)
    if arrived and not temporary_there:
        return Verdict.ARRIVED
    if temporary_there:
        there = folders.standing(transfer.final_name).get("to_vip")
        replaceable = transfer.resends_id and there == transfer.stood_before.get("to_vip")
        taken = there is not None and not replaceable
        return Verdict.NAME_TAKEN if taken else Verdict.STILL_TEMPORARY
    return Verdict.UNKNOWN


def client_has(client: FTPSClient, path: str) -> bool:
    """Return whether ``path`` is in its folder's listing; in a missing folder it isn't."""
    folder, _, name = path.rpartition("/")
    try:
        return any(entry.name == name for entry in client.entries(folder))
    except NotFoundError:
        return False


def delete_recorded(client: FTPSClient, path: str) -> None:
    """Delete a temporary file that a transfer recorded as ours; one that is gone is fine.

    A 550 says "gone" and "no" alike, so the listing decides. Raises FTPSError.
    """
    try:
        client.delete(path)
    except NotFoundError:
        if client_has(client, path):
            raise


def by_name(entries: list[Entry]) -> dict[str, Entry]:
    return {entry.name: entry for entry in entries}


def _arrived(folders: Folders, transfer: Transfer) -> bool:
    before = transfer.stood_before
    now = folders.standing(transfer.final_name)
    return any(
        shape != before.get(folder) and _size(shape) in ("", str(transfer.size))
        for folder, shape in now.items()
    )


def _shape(entry: Entry) -> str:
    modified = entry.modified.isoformat() if entry.modified else ""
    return f"{'' if entry.size is None else entry.size} {modified}"


def _size(shape: str) -> str:
    return shape.partition(" ")[0]
