"""Keep the ledger of remote files in step with what the listings show."""

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from exchange.filenames import shown
from exchange.ftps import Entry, EntryKind
from exchange.models import Account, RemoteFile
from exchange.models.remote_name import escaped, needs_escaping
from exchange.remote import removal_day
from exchange.services.remote_files import (
    AT_ONCE,
    mark_reappeared,
    mark_released,
    mark_vanished,
    record_failures,
)

logger = logging.getLogger(__name__)

State = RemoteFile.State

# Of the name as we store it: what PostgreSQL's index takes as well, and more than file systems do.
LONGEST_NAME_BYTES = 1020
# Not the code of a name under which a clerk sends: nobody here can give this file another one.
UNSAFE = "collection.name_unsafe"


def asked_to_move(account: Account, folder: str) -> list[RemoteFile]:
    """Return the kept files of ``folder`` whose move was asked for, its outcome not written."""
    rows = RemoteFile.objects.filter(
        account=account, folder=folder, state=State.KEPT, release_asked_at__isnull=False
    )
    return list(rows.exclude(cache_path=""))


@transaction.atomic
def bring_up_to_date(
    account: Account,
    folder: str,
    entries: Iterable[Entry],
    *,
    now: datetime,
    moved: Collection[str] | None = (),
    is_wanted: Callable[[str], bool] = lambda _name: True,
) -> list[RemoteFile]:
    """Enter what is new in ``folder``, mark what is gone; return the files present, oldest first.

    A file is known by name, size and modification time. One that was kept and now stands there
    with another size or time is a new one under the same name. One that vanished and comes back
    the same is the old one, and is not fetched a second time.

    ``moved`` holds the paths in the cache folder where a file stands that we asked to move there.
    ``is_wanted`` says, by its name, whether a new file is entered at all.
    """
    listed = {entry.name: entry for entry in entries if _can_be_entered(entry)}
    present = {row.wire_name: row for row in _present(account, folder)}
    # Gone, by our own move perhaps, and nobody can tell now: left for the next run.
    undecided = {
        name
        for name, row in present.items()
        if moved is None and name not in listed and row.release_asked_at and row.cache_path
    }
    known = {name: row for name, row in present.items() if name not in undecided}
    moved = moved or ()
    absent = [row for row in known.values() if _is_absent(row, listed.get(row.wire_name), moved)]
    _close(account, absent, moved, now)
    still_there = known.keys() - {row.wire_name for row in absent}
    for name in still_there:
        _follow_growth(known[name], listed[name])
    fresh = [listed[name] for name in sorted(listed.keys() - still_there)]
    returned = _take_up_again(account, folder, fresh)
    _enter(
        account,
        [
            _new_row(account, folder, entry, now)
            for entry in fresh
            if entry.name not in returned and is_wanted(entry.name)
        ],
    )
    return [row for row in _present(account, folder) if row.wire_name not in undecided]


def _enter(account: Account, rows: list[RemoteFile]) -> None:
    RemoteFile.objects.bulk_create(rows, batch_size=AT_ONCE)
    # Nobody will ever try to fetch these, so there is no other moment to say so.
    record_failures(account, [row for row in rows if row.error_code == UNSAFE])


def _present(account: Account, folder: str) -> list[RemoteFile]:
    rows = RemoteFile.objects.filter(
        account=account, folder=folder, state__in=RemoteFile.PRESENT
    ).select_related("transfer__payload")
    present = list(rows.order_by("id"))
    for row in present:
        row.account = account
    return present


def _can_be_entered(entry: Entry) -> bool:
    if entry.kind is not EntryKind.FILE:
        return False
    fits = len(_storable(entry.name).encode()) <= LONGEST_NAME_BYTES
    if not fits:
        logger.error("A remote name is too long for the ledger: %s", shown(entry.name))
    return fits


def _storable(name: str) -> str:
    return escaped(name) if needs_escaping(name) else name


def _is_absent(row: RemoteFile, entry: Entry | None, moved: Collection[str]) -> bool:
    """Return whether the file of ``row`` is no longer there, or another one in its place."""
    if entry is None:
        return True
    if row.state != State.KEPT:
        return False
    if None in (entry.modified, row.modified):
        # LIST tells no time we can use. A file that was replaced by one of the same name and size
        # can't be told from it, unless the first stands where we asked to move it.
        return entry.size not in (None, row.size) or row.cache_path in moved
    return entry.modified != row.modified or entry.size not in (None, row.size)


def _close(
    account: Account, rows: Sequence[RemoteFile], moved: Collection[str], now: datetime
) -> None:
    """Note what became of files that are no longer there: our own doing, or that of others."""
    ours = [row for row in rows if _was_released(row, moved)]
    for row in ours:
        mark_released(row, now=now, found_later=True)
    mark_vanished(account, [row for row in rows if row.state != State.RELEASED])


def _was_released(row: RemoteFile, moved: Collection[str]) -> bool:
    if row.state != State.KEPT or row.release_asked_at is None:
        return False
    return not row.cache_path or row.cache_path in moved


def _follow_growth(row: RemoteFile, entry: Entry) -> None:
    """Note a changed size or time of a file that isn't fetched yet; it gets a fresh chance."""
    if row.state != State.SEEN:
        return
    size = row.size if entry.size is None else entry.size
    if (size, entry.modified) != (row.size, row.modified):
        row.size, row.modified = size, entry.modified
        row.failures, row.next_try_at = 0, None
        row.save(update_fields=["size", "modified", "failures", "next_try_at"])


def _take_up_again(account: Account, folder: str, fresh: Sequence[Entry]) -> set[str]:
    """Bring back the lines of files that vanished after we kept them; return their names."""
    found: dict[str, RemoteFile] = {}
    for start in range(0, len(fresh), AT_ONCE):
        entries = {entry.name: entry for entry in fresh[start : start + AT_ONCE]}
        vanished = RemoteFile.objects.filter(
            account=account,
            folder=folder,
            name__in=[_storable(name) for name in entries],
            state=State.VANISHED,
            transfer__isnull=False,
        ).exclude(error_code="payload.missing")
        for row in vanished.order_by("id"):
            entry = entries.get(row.wire_name)
            if entry is not None and _is_the_same(account, row, entry):
                found[row.wire_name] = row
    mark_reappeared(account, list(found.values()))
    return set(found)


def _is_the_same(account: Account, row: RemoteFile, entry: Entry) -> bool:
    # Without a time, name and size are proof enough where publications bear a timestamp in their
    # name; an answer that we took for an old one would be cleared unread.
    tells = entry.modified is not None or row.folder == account.folder_public
    return tells and (entry.size, entry.modified) == (row.size, row.modified)


def _new_row(account: Account, folder: str, entry: Entry, now: datetime) -> RemoteFile:
    local = timezone.localtime(now)
    modified = timezone.localtime(entry.modified) if entry.modified else None
    usable = _is_usable(entry.name)
    return RemoteFile(
        account=account,
        folder=folder,
        name=_storable(entry.name),
        name_is_escaped=needs_escaping(entry.name),
        size=-1 if entry.size is None else entry.size,
        modified=entry.modified,
        first_seen_at=now,
        removal_day=removal_day(local, modified),
        error_code="" if usable else UNSAFE,
        last_error_at=None if usable else now,
    )


def _is_usable(name: str) -> bool:
    """Return whether a command can name the file and nothing else.

    A control character would end or bend the command, a slash points into another folder. Such a
    file is entered all the same, so that somebody sees it before MAGDA removes it.
    """
    is_path = "/" in name or name in {".", ".."}
    return not is_path and not any(ord(char) < 0x20 or ord(char) == 0x7F for char in name)
