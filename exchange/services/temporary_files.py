"""The names that deliveries gave on the server before the final one; each is entered as ours."""

from django.db import transaction
from django.utils import timezone

from exchange.ftps import Entry, FTPSClient, NotFoundError
from exchange.models import TemporaryFile, Transfer
from exchange.services.lease_clock import lease_end
from exchange.services.transfers import write_held


@transaction.atomic
def enter(transfer: Transfer, path: str, **facts: str | dict[str, str]) -> None:
    """Enter ``path`` before it is first used; ``facts`` are columns of the transfer.

    Raises LeaseLostError.
    """
    write_held(transfer, temporary_path=path, lease_until=lease_end(), **facts)
    TemporaryFile.objects.get_or_create(transfer=transfer, path=path)


def forget(row: TemporaryFile) -> None:
    """Note that the file is gone, unless a worker that was only frozen may bring it back."""
    if row.watch_until is None or row.watch_until <= timezone.now():
        row.delete()


def standing(client: FTPSClient, transfer: Transfer) -> list[tuple[TemporaryFile, Entry]]:
    """Return which temporary files of ``transfer`` the server lists, oldest first.

    Raises FTPSError.
    """
    listings: dict[str, dict[str, Entry]] = {}
    found = []
    for row in transfer.temporary_files.all():
        folder, name = split(row.path)
        if folder not in listings:
            listings[folder] = listing_of(client, folder)
        if entry := listings[folder].get(name):
            found.append((row, entry))
    return found


def remove(client: FTPSClient, row: TemporaryFile) -> bool:
    """Delete the file, and forget it; False for one that is gone already.

    A 550 says "gone" and "no" alike, so the listing decides. Raises FTPSError.
    """
    try:
        client.delete(row.path)
    except NotFoundError:
        folder, name = split(row.path)
        if name in listing_of(client, folder):
            raise
        forget(row)
        return False
    forget(row)
    return True


def listing_of(client: FTPSClient, folder: str) -> dict[str, Entry]:
    """Return what ``folder`` holds, by name; a missing folder holds nothing. Raises FTPSError."""
    try:
        return {entry.name: entry for entry in client.entries(folder)}
    except NotFoundError:
        return {}


def split(path: str) -> tuple[str, str]:
    """Return the folder and the name of a path."""
    folder, _, name = path.rpartition("/")
    return folder, name
