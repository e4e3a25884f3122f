"""Look at MAGDA over one connection, now, while somebody waits for the page."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import timezone

from exchange.errors import AccountError
from exchange.ftps import FTPSClient
from exchange.models import Account
from exchange.services.connections import connect
from exchange.services.slots import Slot, hold_slot


@contextmanager
def looking_at_magda(account: Account, *, at_most: float) -> Iterator[FTPSClient]:
    """Give a client for ``account`` whose operations take ``at_most`` seconds in all.

    A worker would have more patience than somebody who waits for a page. Raises FTPSError, and
    AccountError: NotReadyError as ``connect`` does, ``account.suspended``, ``cache.slow`` when it
    takes too long, ``account.connections_busy`` when the account has no connection left.
    """
    if account.state != Account.State.ACTIVE:
        raise AccountError("account.suspended")
    with hold_slot(account) as slot:
        if slot is None:
            raise AccountError("account.connections_busy")
        heartbeat = _Patience(slot, at_most).wait
        with connect(account, now=timezone.now(), heartbeat=heartbeat).client as client:
            yield client


class _Patience:
    """A heartbeat that keeps the slot, and ends the look when it takes too long."""

    def __init__(self, slot: Slot, at_most: float) -> None:
        self._slot = slot
        self._until = time.monotonic() + at_most

    def wait(self) -> None:
        self._slot.renew_now_and_then()
        if time.monotonic() > self._until:
            raise AccountError("cache.slow")
