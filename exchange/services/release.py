"""Clear kept files from MAGDA's folders, as it asks of its users.

MAGDA, "FTPS Technical Information", Response Files and File Cleanup: copy to ``cache/from_vip`` if
you like, and delete from ``from_vip`` right after fetching.

What the server is asked is committed first, so that the next run can tell our own move, whose
answer was lost, from other hands. A refusal is never taken for "gone" by its words: the folder's
listing decides.
"""

import time

from django.utils import timezone

from exchange.ftps import CommandError, DeniedError, Entry, FTPSClient, UnconfirmedError
from exchange.models import Account, RemoteFile
from exchange.remote import path_in
from exchange.services.cache import CacheListings
from exchange.services.lease import CollectionLease
from exchange.services.remote_files import (
    ask_release,
    mark_content_missing,
    mark_released,
    mark_vanished,
    withdraw_release,
)
from exchange.storage import payload_store

# Seconds. Hundreds of files that an earlier run kept are not worth a listing each.
FRESH_FOR = 5.0


class ContentMissingError(Exception):
    """A kept file is not in the store; it stays at MAGDA, to be fetched again."""


class Releaser:
    """Clears the files of one run."""

    def __init__(
        self, client: FTPSClient, account: Account, lease: CollectionLease, cache: CacheListings
    ) -> None:
        self._client = client
        self._account = account
        self._lease = lease
        self._cache = cache
        self._listing: dict[str, Entry] = {}
        self._listing_of = ""
        self._listed_at = 0.0

    def release(self, row: RemoteFile, *, was_fetched_now: bool) -> bool:
        """Move or delete a file that is safely kept here; False when others took it before us.

        One that an earlier run kept is looked at once more: what stands there by now may be another
        file of its name, which nobody has read.

        Raises FTPSError when it stays there, ContentMissingError when it may not go, and
        CollectionLeaseLostError.
        """
        self._check_content(row)
        if not was_fetched_now and not self._is_the_same(row):
            return False
        if self._account.after_collection == Account.AfterCollection.DELETE:
            return self._delete(row)
        return self._move(row)

    def _check_content(self, row: RemoteFile) -> None:
        """Look once more whether we have it: after this there may be no other copy."""
        payload = row.transfer.payload if row.transfer else None
        erased = payload is not None and payload.erased_at is not None
        if erased or (payload and payload_store().size_of(payload.pk) == payload.size):
            return
        with self._lease.proven():
            mark_content_missing(row, now=timezone.now())
        raise ContentMissingError

    def _is_the_same(self, row: RemoteFile) -> bool:
        entry = self._listed(row.folder).get(row.wire_name)
        # The next run enters another one, and closes the line of one that is gone.
        return entry is not None and (
            entry.modified == row.modified and entry.size in (None, row.size)
        )

    def _listed(self, folder: str) -> dict[str, Entry]:
        if self._listing_of != folder or time.monotonic() - self._listed_at > FRESH_FOR:
            self._listing = {entry.name: entry for entry in self._client.entries(folder)}
            self._listing_of, self._listed_at = folder, time.monotonic()
        return self._listing

    def _delete(self, row: RemoteFile) -> bool:
        if not self._ask(row, ""):
            return False
        try:
            self._client.delete(path_in(row.folder, row.wire_name))
        except (CommandError, UnconfirmedError) as exc:
            self._raise_if_there(row, exc)
            if isinstance(exc, UnconfirmedError):
                return self._released(row, found_later=True)
            return self._vanished(row)
        return self._released(row)

    def _move(self, row: RemoteFile) -> bool:
        first, second = self._cache.free_paths(row)
        try:
            return self._move_to(row, first)
        except DeniedError:
            # The listing need not show what is taken: to some servers A and a are the same name.
            return self._move_to(row, second)

    def _move_to(self, row: RemoteFile, target: str) -> bool:
        if not self._ask(row, target):
            return False
        try:
            self._client.rename(path_in(row.folder, row.wire_name), target)
        except (CommandError, UnconfirmedError) as exc:
            self._raise_if_there(row, exc)
            self._cache.forget()
            if self._cache.holds(row):
                return self._released(row, found_later=True)
            if isinstance(exc, UnconfirmedError):
                # Under way, perhaps; what was asked is noted, and the next run looks again.
                raise
            return self._vanished(row)
        return self._released(row)

    def _ask(self, row: RemoteFile, target: str) -> bool:
        with self._lease.proven():
            return ask_release(row, cache_path=target, now=timezone.now())

    def _raise_if_there(self, row: RemoteFile, error: CommandError | UnconfirmedError) -> None:
        """Take ``error`` for a refusal when the folder still lists the file."""
        if self._is_there(row):
            with self._lease.proven():
                withdraw_release(row)
            raise error

    def _is_there(self, row: RemoteFile) -> bool:
        """Ask the listing, and SIZE as well: after trouble a listing may come empty."""
        if row.wire_name in {entry.name for entry in self._client.entries(row.folder)}:
            return True
        try:
            return self._client.size(path_in(row.folder, row.wire_name)) is not None
        except CommandError:
            return False

    def _released(self, row: RemoteFile, *, found_later: bool = False) -> bool:
        with self._lease.proven():
            mark_released(row, now=timezone.now(), found_later=found_later)
        if row.cache_path:
            self._cache.note(row)
        return True

    def _vanished(self, row: RemoteFile) -> bool:
        with self._lease.proven():
            mark_vanished(self._account, [row])
        return False
