"""At most one collection of an account at a time: a lease in the database, with an expiry."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from exchange.models import Account

LEASE = timedelta(seconds=60)
RENEW_AFTER_SECONDS = 15.0


class CollectionLeaseLostError(Exception):
    """Another run has taken over; stop, and write nothing."""


class CollectionLease:
    """The right to collect one account, as long as its token is the newest."""

    def __init__(self, account: Account, token: int) -> None:
        self._account = account
        self._token = token
        self._renewed = time.monotonic()

    @classmethod
    def take(cls, account: Account, *, now: datetime) -> "CollectionLease | None":
        """Take the lease if nobody has it, in one conditional UPDATE."""
        free = Q(collection_lease_until=None) | Q(collection_lease_until__lt=now)
        taken = Account.objects.filter(free, pk=account.pk).update(
            collection_lease_until=now + LEASE, collection_token=F("collection_token") + 1
        )
        if not taken:
            return None
        account.refresh_from_db(fields=["collection_token"])
        return cls(account, account.collection_token)

    def renew(self) -> None:
        """Keep the lease for another minute. Raises CollectionLeaseLostError when it was taken."""
        if not self._mine().update(collection_lease_until=timezone.now() + LEASE):
            raise CollectionLeaseLostError(f"Account {self._account.pk} is collected by another.")
        self._renewed = time.monotonic()

    def renew_now_and_then(self) -> None:
        """Renew when a quarter of the lease is over; a client's heartbeat."""
        if time.monotonic() - self._renewed >= RENEW_AFTER_SECONDS:
            self.renew()

    @contextmanager
    def proven(self) -> Iterator[None]:
        """Open a transaction that is committed only while the lease is ours."""
        with transaction.atomic():
            self.renew()
            yield

    def give_back(self, *, next_at: datetime) -> None:
        """End the lease and say when the next run is due; does nothing when it was lost."""
        self._mine().update(collection_lease_until=None, next_collection_at=next_at)

    def _mine(self) -> QuerySet[Account]:
        return Account.objects.filter(pk=self._account.pk, collection_token=self._token)
