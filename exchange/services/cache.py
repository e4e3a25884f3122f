"""The cache folder at MAGDA, where files go that we collected, and its tidying."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, count

from django.db.models import Q

from exchange.ftps import (
    CommandError,
    Entry,
    EntryKind,
    FTPSClient,
    NotFoundError,
    UnconfirmedError,
)
from exchange.models import Account, RemoteFile
from exchange.remote import path_in
from exchange.services.lease import CollectionLease
from exchange.services.remote_files import mark_cleared, note_failure

# Deletions in one run: a cache of years must not keep the answers of today waiting.
MOST_PER_RUN = 200
OURS = "ours"


class CacheListings:
    """What stands in cache folders, each listed at its first need and once in a run."""

    def __init__(self, client: FTPSClient) -> None:
        self._client = client
        self._folders: dict[str, dict[str, Entry]] = {}

    def find(self, path: str) -> Entry | None:
        """Return what stands under ``path``; a folder that is missing holds nothing.

        Raises FTPSError.
        """
        folder, _, name = path.rpartition("/")
        if folder not in self._folders:
            self._folders[folder] = self._list(folder)
        return self._folders[folder].get(name)

    def holds(self, row: RemoteFile) -> bool:
        """Return whether our file stands where its move was asked to. Raises FTPSError."""
        entry = self.find(row.cache_path)
        return entry is not None and entry.size in (None, row.size)

    def forget(self) -> None:
        """List anew from here on."""
        self._folders.clear()

    def note(self, row: RemoteFile) -> None:
        """Remember that ``row`` was moved to its path just now."""
        folder, _, name = row.cache_path.rpartition("/")
        self._folders.setdefault(folder, {})[name] = Entry(
            name, row.size, row.modified, EntryKind.FILE
        )

    def free_paths(self, row: RemoteFile) -> tuple[str, str]:
        """Return the two best places for ``row`` where nothing stands yet.

        The plain name if it is free; else the number of our transfer makes it unambiguous. Raises
        FTPSError.
        """
        # A backslash of an escaped name would point into another folder on some servers.
        name = row.name.replace("\\", "_") if row.name_is_escaped else row.name
        folder = row.account.folder_cache_from_vip
        ours = f"{name}.{row.transfer_id}"
        names = chain([name, ours], (f"{ours}-{number}" for number in count(2)))
        free = (path for name in names if self.find(path := path_in(folder, name)) is None)
        return next(free), next(free)

    def _list(self, folder: str) -> dict[str, Entry]:
        try:
            return {entry.name: entry for entry in self._client.entries(folder)}
        except NotFoundError:
            return {}


@dataclass
class Clearing:
    """How many files a run deleted from the cache folder, and which it could not."""

    deleted: int = 0
    failed: list[RemoteFile] = field(default_factory=list)


def clear_cache(
    client: FTPSClient, account: Account, *, lease: CollectionLease, now: datetime
) -> Clearing:
    """Delete what we moved to the cache folder the account's number of days ago.

    Only paths that the ledger knows as ours, and only what still has the size we moved there.
    Without a number of days MAGDA's own clean-up does it. Raises FTPSError.
    """
    clearing = Clearing()
    listings = CacheListings(client)
    for row in _due(account, now):
        row.account = account
        found = _standing(listings, row)
        try:
            if found == OURS:
                client.delete(row.cache_path)
        except (CommandError, UnconfirmedError) as exc:
            clearing.failed.append(row)
            with lease.proven():
                note_failure(row, exc.code, now=now)
        else:
            with lease.proven():
                mark_cleared(row, now=now, found=found)
            clearing.deleted += found == OURS
    return clearing


def _due(account: Account, now: datetime) -> list[RemoteFile]:
    if account.clear_cache_after is None:
        return []
    rows = RemoteFile.objects.filter(
        Q(next_try_at=None) | Q(next_try_at__lte=now),
        account=account,
        state=RemoteFile.State.RELEASED,
        released_at__lt=now - timedelta(days=account.clear_cache_after),
        cleared_at=None,
    ).exclude(cache_path="")
    return list(rows.select_related("transfer").order_by("released_at")[:MOST_PER_RUN])


def _standing(listings: CacheListings, row: RemoteFile) -> str:
    """Say what stands where our copy was put. Raises FTPSError."""
    if listings.find(row.cache_path) is None:
        return "nothing"
    return OURS if listings.holds(row) else "another file"
