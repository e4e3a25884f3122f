"""Keep the ledger of remote files in step with what the listings show."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from exchange.filenames import shown
from exchange.ftps import Entry, EntryKind
from exchange.models import Account, RemoteFile
from exchange.remote import removal_day
from exchange.services.troubles import PORTAL
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Subject, event, record_all

LONGEST_NAME = 500


@transaction.atomic
def bring_up_to_date(
    account: Account, folder: str, entries: Iterable[Entry], *, now: datetime
) -> list[RemoteFile]:
    """Enter what is new in ``folder``, mark what is gone; return the files present, oldest first.

    A file that was kept and now stands there with another size or time is a new one under the
    same name.
    """
    listed = {entry.name: entry for entry in entries if _can_be_entered(entry)}
    rows = RemoteFile.objects.filter(account=account, folder=folder, state__in=RemoteFile.PRESENT)
    known = {row.name: row for row in rows}
    gone = [row for row in known.values() if row.name not in listed]
    replaced = [row for row in known.values() if _is_replaced(row, listed.get(row.name))]
    _mark_vanished([*gone, *replaced])
    for row in known.values():
        _follow_growth(row, listed.get(row.name))
    fresh = listed.keys() - (known.keys() - {row.name for row in replaced})
    RemoteFile.objects.bulk_create(
        [_new_row(account, folder, listed[name], now) for name in sorted(fresh)]
    )
    return list(rows.order_by("id"))


def _can_be_entered(entry: Entry) -> bool:
    """Leave out folders and names that no database column holds; those can't be fetched either."""
    if entry.kind is not EntryKind.FILE or len(entry.name) > LONGEST_NAME:
        return False
    return ("\x00" not in entry.name and entry.name.isascii()) or _is_utf8(entry.name)


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in name


def _is_replaced(row: RemoteFile, entry: Entry | None) -> bool:
    if entry is None or row.state != RemoteFile.State.KEPT:
        return False
    same_time = None in (entry.modified, row.modified) or entry.modified == row.modified
    return not (same_time and entry.size in (None, row.size))


def _follow_growth(row: RemoteFile, entry: Entry | None) -> None:
    """Note a changed size or time of a file that isn't fetched yet."""
    if entry is None or row.state != RemoteFile.State.SEEN:
        return
    size = row.size if entry.size is None else entry.size
    if (size, entry.modified) != (row.size, row.modified):
        row.size, row.modified = size, entry.modified
        row.save(update_fields=["size", "modified"])


def _new_row(account: Account, folder: str, entry: Entry, now: datetime) -> RemoteFile:
    local = timezone.localtime(now)
    modified = timezone.localtime(entry.modified) if entry.modified else None
    return RemoteFile(
        account=account,
        folder=folder,
        name=entry.name,
        size=-1 if entry.size is None else entry.size,
        modified=entry.modified,
        first_seen_at=now,
        removal_day=removal_day(local, modified),
    )


def _mark_vanished(rows: list[RemoteFile]) -> None:
    if not rows:
        return
    RemoteFile.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=RemoteFile.State.VANISHED
    )
    record_all(
        [
            event(
                Action.REMOTE_FILE_VANISHED,
                actor=PORTAL,
                organisation_id=row.account.organisation.pk,
                subject=Subject.row(row, f"{row.folder}/{shown(row.name)}"),
                details={"was": row.state},
            )
            for row in rows
        ]
    )
