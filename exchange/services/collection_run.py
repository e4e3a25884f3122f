"""One run of a collection: what is done in which order, and whom an error concerns.

Per file: fetch → compare sizes → fsync, rename, commit → and only then move or delete it on the
server. ``public`` is only read. What goes wrong with one file or one folder is noted there, and the
run goes on with the rest.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from exchange.filenames import shown, shown_path
from exchange.ftps import ConnectError, FTPSClient, FTPSError, UnsafeNameError
from exchange.models import Account, RemoteFile, Transfer
from exchange.services.cache import CacheListings, clear_cache
from exchange.services.connections import Connection
from exchange.services.fetching import ChangedMeanwhileError, fetch
from exchange.services.folder_troubles import end_folder_troubles, note_folder_trouble
from exchange.services.lease import CollectionLease, CollectionLeaseLostError
from exchange.services.ledger import UNSAFE, asked_to_move, bring_up_to_date
from exchange.services.pick_up import note_picked_up
from exchange.services.release import ContentMissingError, Releaser
from exchange.services.remote_files import note_failure, note_trouble
from exchange.services.slots import SlotLostError
from exchange.services.troubles import Consequence, consequence_of

logger = logging.getLogger(__name__)

NO_ROOM = "collection.storage_full"
_ABOUT_THE_ACCOUNT = (Consequence.ACCOUNT, Consequence.CONNECTION)


@dataclass
class CollectionResult:
    """What one run did. ``error_code`` is set when the run ended early or did not start."""

    collected: list[Transfer] = field(default_factory=list)
    released: int = 0
    picked_up: int = 0
    # Copies of ours that were deleted from MAGDA's cache folder.
    cleared: int = 0
    # Names, as shown, of files that could not be fetched or cleared this time, and of folders that
    # could not be read.
    failed: list[str] = field(default_factory=list)
    error_code: str = ""
    # Whether a run that ended early may begin anew at once, since another certificate is in use.
    goes_on: bool = False


class CollectionRun:
    """One run, over one connection or, where a file made the server drop it, two."""

    def __init__(
        self,
        account: Account,
        lease: CollectionLease,
        connection: Connection,
        *,
        files_due_at: datetime | None,
    ) -> None:
        self.account = account
        self.lease = lease
        self.connection = connection
        self.client: FTPSClient = connection.client
        # None: all files are due.
        self.files_due_at = files_due_at
        self.cache = CacheListings(self.client)
        self.releaser = Releaser(self.client, account, lease, self.cache)
        self.result = CollectionResult()
        self.troubled_folders: set[str] = set()
        self.started_at = timezone.now()
        self.unlisted = set(account.collect_folders)
        # Where the dialogue about the present file begins.
        self.dialogue_from = 0
        self.has_worked = False
        self.cuts = 0
        # Lines of the files that this very run fetched.
        self.fetched: set[int] = set()

    def go(self) -> None:
        """Do all stages. Raises FTPSError for what is about the whole account."""
        for folder in self.account.collect_folders:
            with self._aside(folder):
                self._collect_folder(folder)
        with self._aside(self.account.folder_public):
            self._read_public()
        with self._aside(self.account.folder_to_vip):
            self.result.picked_up = note_picked_up(self.client, self.account, now=timezone.now())
        with self._aside(self.account.folder_cache_from_vip):
            self._clear_cache()
        with self.lease.proven():
            end_folder_troubles(self.account, except_for=self.troubled_folders)

    # --- stages

    def _collect_folder(self, folder: str) -> None:
        for row in self._ledger(folder):
            self._deal_with(row, self._take)
            if row.state == RemoteFile.State.KEPT:
                self._deal_with(row, self._release)

    def _read_public(self) -> None:
        """Fetch what a subscription asks for; the ledger follows all files that it knows."""
        folder = self.account.folder_public
        subscriptions = list(self.account.subscriptions.all())
        waiting = self.account.remote_files.filter(folder=folder, state=RemoteFile.State.SEEN)
        if not subscriptions and not waiting.exists():
            return

        def is_wanted(name: str) -> bool:
            return any(subscription.matches(name) for subscription in subscriptions)

        for row in self._ledger(folder, is_wanted):
            if is_wanted(row.wire_name):
                self._deal_with(row, self._take)

    def _ledger(
        self, folder: str, is_wanted: Callable[[str], bool] = lambda _name: True
    ) -> list[RemoteFile]:
        """List ``folder`` and return the ledger's rows of what stands there."""
        entries = self.client.entries(folder)
        self.has_worked = True
        moved = self._moved_before(folder)
        with self.lease.proven():
            rows = bring_up_to_date(
                self.account,
                folder,
                entries,
                now=timezone.now(),
                moved=moved,
                is_wanted=is_wanted,
            )
            self._note_listed(folder)
        return rows

    def _note_listed(self, folder: str) -> None:
        """Once every folder that we collect was listed, note when that began."""
        if folder in self.unlisted:
            self.unlisted.remove(folder)
            if not self.unlisted:
                Account.objects.filter(pk=self.account.pk).update(last_looked_at=self.started_at)

    def _moved_before(self, folder: str) -> set[str] | None:
        """Return where files stand that an earlier run moved, without coming to write it down.

        None where the cache folder can't tell.
        """
        moved: set[str] = set()
        is_told = False
        with self._aside(self.account.folder_cache_from_vip):
            asked = asked_to_move(self.account, folder)
            moved.update(row.cache_path for row in asked if self.cache.holds(row))
            is_told = True
        return moved if is_told else None

    def _clear_cache(self) -> None:
        clearing = clear_cache(self.client, self.account, lease=self.lease, now=timezone.now())
        self.result.cleared = clearing.deleted
        self.result.failed.extend(shown(row.wire_name) for row in clearing.failed)

    # --- one file

    def _take(self, row: RemoteFile) -> None:
        is_stopped = self.result.error_code == NO_ROOM
        if row.state == RemoteFile.State.SEEN and not is_stopped:
            self.result.collected.append(fetch(self.connection, row, lease=self.lease))
            self.fetched.add(row.pk)

    def _release(self, row: RemoteFile) -> None:
        was_fetched_now = row.pk in self.fetched
        self.result.released += self.releaser.release(row, was_fetched_now=was_fetched_now)

    def _deal_with(self, row: RemoteFile, act: Callable[[RemoteFile], None]) -> None:
        """Do ``act`` with one file, if it is due; what concerns only this file is noted on it."""
        if row.error_code == UNSAFE:
            self.result.failed.append(shown(row.wire_name))
            return
        if self.files_due_at and row.next_try_at and row.next_try_at > self.files_due_at:
            return
        self.lease.renew()
        self.dialogue_from = self.client.transcript.written
        try:
            act(row)
        except (CollectionLeaseLostError, SlotLostError):
            raise
        except ChangedMeanwhileError:
            logger.info("Remote file %s is still changing; left for the next run.", row.pk)
            self._note(row, "collection.changed")
        except ContentMissingError:
            logger.warning("The content of remote file %s is missing; fetched again.", row.pk)
            self.result.failed.append(shown(row.wire_name))
        except FTPSError as exc:
            if consequence_of(exc) in _ABOUT_THE_ACCOUNT:
                raise
            self._fail(row, UNSAFE if isinstance(exc, UnsafeNameError) else exc.code)
            if self._is_cut_again(exc):
                raise
        except OSError:
            logger.exception("Remote file %s could not be kept.", row.pk)
            self.result.error_code = NO_ROOM
            self._fail(row, NO_ROOM)
        except Exception:
            # Nothing that one file brings about may keep the others from being collected.
            logger.exception("Remote file %s could not be collected.", row.pk)
            self._fail(row, "collection.unexpected")

    def _note(self, row: RemoteFile, code: str) -> None:
        with self.lease.proven():
            note_trouble(row, code, now=timezone.now())

    def _fail(self, row: RemoteFile, code: str) -> None:
        self.result.failed.append(shown(row.wire_name))
        dialogue = self.client.transcript.since(self.dialogue_from)
        with self.lease.proven():
            note_failure(row, code, now=timezone.now(), dialogue=dialogue)

    # --- whom an error concerns

    @contextmanager
    def _aside(self, folder: str) -> Iterator[None]:
        """Note what goes wrong with ``folder`` and go on, unless it is about the account."""
        try:
            yield
        except FTPSError as exc:
            if consequence_of(exc) in _ABOUT_THE_ACCOUNT or self._is_cut_again(exc):
                raise
            self.result.failed.append(shown_path(folder))
            self.troubled_folders.add(folder)
            with self.lease.proven():
                note_folder_trouble(self.account, folder, exc.code, now=timezone.now())

    def _is_cut_again(self, error: FTPSError) -> bool:
        """Return whether the connection was lost for good, not over this one file or folder.

        A file on which the server drops the connection must not keep the others waiting; the
        client opens a new one for the next. The second time in a run it is the connection.
        """
        if not isinstance(error, ConnectError):
            return False
        self.cuts += 1
        return self.cuts > 1 or not self.has_worked
