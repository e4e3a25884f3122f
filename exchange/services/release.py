"""Clear kept files from MAGDA's folders, as it asks of its users.

MAGDA, "FTPS Technical Information", Response Files and File Cleanup: copy to ``cache/from_vip`` if
you like, and delete from ``from_vip`` right after fetching.
"""

import contextlib
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from exchange.filenames import shown
from exchange.ftps import CommandError, FTPSClient, NotFoundError
from exchange.models import Account, RemoteFile
from exchange.remote import path_in
from exchange.services.troubles import PORTAL
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Subject, record


def release(client: FTPSClient, row: RemoteFile) -> None:
    """Move or delete a file that is safely kept here. Raises FTPSError when it stays there."""
    account = row.account
    path = path_in(row.folder, row.name)
    if account.after_collection == Account.AfterCollection.DELETE:
        with contextlib.suppress(NotFoundError):
            client.delete(path)
        _released(row, "")
    else:
        _released(row, _move_to_cache(client, row, path))


def _move_to_cache(client: FTPSClient, row: RemoteFile, path: str) -> str:
    """Move to the cache folder; where the name is taken there, add our transfer's number."""
    folder = row.account.folder_cache_from_vip
    plain = path_in(folder, row.name)
    try:
        client.rename(path, plain)
    except NotFoundError:
        # Gone from from_vip: moved by an earlier run whose answer was lost, or by other hands.
        return ""
    except CommandError:
        other = path_in(folder, f"{row.name}.{row.transfer_id}")
        client.rename(path, other)
        return other
    return plain


@transaction.atomic
def _released(row: RemoteFile, moved_to: str) -> None:
    row.state = RemoteFile.State.RELEASED
    row.released_at = timezone.now()
    row.cache_path = moved_to
    row.error_code = ""
    row.save(update_fields=["state", "released_at", "cache_path", "error_code"])
    if row.transfer is not None:
        record(
            Action.TRANSFER_RELEASED,
            actor=PORTAL,
            organisation_id=row.account.organisation.pk,
            subject=Subject.row(row.transfer, shown(row.name)),
            details={"moved_to": shown(moved_to) if moved_to else ""},
        )


def clear_cache(client: FTPSClient, account: Account, *, now: datetime) -> int:
    """Delete what we moved to the cache folder the account's number of days ago; return how many.

    Only paths that the ledger knows as ours, and only what still has the size we moved there.
    Without a number of days MAGDA's own clean-up does it. Raises FTPSError.
    """
    if account.clear_cache_after is None:
        return 0
    ours = RemoteFile.objects.filter(
        account=account,
        state=RemoteFile.State.RELEASED,
        released_at__lt=now - timedelta(days=account.clear_cache_after),
        cleared_at=None,
    ).exclude(cache_path="")
    return sum(_clear(client, row, now) for row in ours)


def _clear(client: FTPSClient, row: RemoteFile, now: datetime) -> int:
    deleted = 0
    with contextlib.suppress(NotFoundError):
        if client.size(row.cache_path) == row.size:
            client.delete(row.cache_path)
            deleted = 1
    row.cleared_at = now
    row.save(update_fields=["cleared_at"])
    return deleted
