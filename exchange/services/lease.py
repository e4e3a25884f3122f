"""At most one collection of an account at a time: a lease in the database, with an expiry."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet

from exchange.models import Account
from exchange.services.lease_clock import LeaseTimer, is_free, lease_end, steady_seconds


class CollectionLeaseLostError(Exception):
    """Another run has taken over; stop, and write nothing."""


class CollectionLease:
    """The right to collect one account, as long as its token is the newest."""

    def __init__(self, account: Account, token: int, *, taken_at: float) -> None:
        self._account = account
        self._token = token
        self._timer = LeaseTimer(self._write, lost=CollectionLeaseLostError, taken_at=taken_at)

    @classmethod
    def take(cls, account: Account) -> "CollectionLease | None":
        """Take the lease if nobody has it, in one conditional UPDATE."""
        taken_at = steady_seconds()
        taken = Account.objects.filter(is_free("collection_lease_until"), pk=account.pk).update(
            collection_lease_until=lease_end(), collection_token=F("collection_token") + 1
        )
        if not taken:
            return None
        account.refresh_from_db(fields=["collection_token"])
        return cls(account, account.collection_token, taken_at=taken_at)

    def renew(self) -> None:
        """Keep the lease for another minute. Raises CollectionLeaseLostError when it was taken."""
        self._timer.renew()

    def renew_now_and_then(self) -> None:
        """Renew when a quarter of the lease is over; a client's heartbeat.

        Raises CollectionLeaseLostError, also when the lease is over by our own clock.
        """
        self._timer.keep()

    @contextmanager
    def proven(self) -> Iterator[None]:
        """Open a transaction that is committed only while the lease is ours."""
        with transaction.atomic():
            self.renew()
            yield

    def give_back(self, *, next_at: datetime) -> None:
        """End the lease and say when the next run is due; does nothing when it was lost."""
        self._mine().update(collection_lease_until=None, next_collection_at=next_at)

    def _write(self) -> None:
        if not self._mine().update(collection_lease_until=lease_end()):
            raise CollectionLeaseLostError(f"Account {self._account.pk} is collected by another.")

    def _mine(self) -> QuerySet[Account]:
        return Account.objects.filter(pk=self._account.pk, collection_token=self._token)
