"""Look into every folder of an account at MAGDA, now, for somebody who waits for the page.

Folders: MAGDA, "FTPS Technical Information" (folder structure).
"""

import time

from django.utils import timezone

from exchange.errors import AccountError
from exchange.ftps import CommandError, FTPSClient, NotFoundError
from exchange.models import Account
from exchange.queries.folder_contents import Listing, folders_of
from exchange.services.connections import connect
from exchange.services.slots import Slot, hold_slot

# For all folders together; a worker would have more patience.
LONGEST_LOOK_SECONDS = 12.0


def look_into_folders(account: Account) -> list[Listing]:
    """List each folder of ``account`` over one connection; nothing is changed there.

    A folder that is missing or refused is told in its own listing. Raises FTPSError, and
    AccountError: NotReadyError as ``connect`` does, ``account.suspended``, ``cache.slow`` when it
    takes too long, ``account.connections_busy`` when the account has no connection left.
    """
    if account.state != Account.State.ACTIVE:
        raise AccountError("account.suspended")
    with hold_slot(account) as slot:
        if slot is None:
            raise AccountError("account.connections_busy")
        heartbeat = _Patience(slot).wait
        with connect(account, now=timezone.now(), heartbeat=heartbeat).client as client:
            return [_listing(client, folder) for folder in folders_of(account)]


def _listing(client: FTPSClient, folder: str) -> Listing:
    try:
        return Listing(folder, client.entries(folder))
    except NotFoundError:
        return Listing(folder, [], is_missing=True)
    except CommandError as exc:
        return Listing(folder, [], error_code=exc.code)


class _Patience:
    """A heartbeat that keeps the slot, and ends the look when it takes too long."""

    def __init__(self, slot: Slot) -> None:
        self._slot = slot
        self._until = time.monotonic() + LONGEST_LOOK_SECONDS

    def wait(self) -> None:
        self._slot.renew_now_and_then()
        if time.monotonic() > self._until:
            raise AccountError("cache.slow")
