"""What is due, and doing it: the same for beat, the workers and the command line."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from exchange.models import Account, Transfer
from exchange.models.transfer import Direction, State
from exchange.services.claims import due_deliveries
from exchange.services.collection import CollectionResult, collect
from exchange.services.delivery import deliver_batch
from exchange.services.lease_clock import is_free
from exchange.services.renewal import resume_mended_accounts
from exchange.services.troubles import may_try

logger = logging.getLogger(__name__)


@dataclass
class DispatchResult:
    """What one round did, over all accounts."""

    attempted: list[Transfer] = field(default_factory=list)
    collections: dict[Account, CollectionResult] = field(default_factory=dict)
    # Accounts whose work ended in an error that nobody foresaw; the log has it.
    broken_off: list[Account] = field(default_factory=list)


def accounts_with_due_deliveries(now: datetime) -> QuerySet[Account]:
    """Return active, unpaused accounts that have a delivery to attempt."""
    due = Transfer.objects.filter(due_deliveries(now), account=OuterRef("pk"))
    return _working(now).filter(Exists(due))


def accounts_with_due_collection(now: datetime) -> QuerySet[Account]:
    """Return active, unpaused accounts whose interval has passed and that nobody collects."""
    return _working(now).filter(is_free("collection_lease_until"), next_collection_at__lte=now)


def _working(now: datetime) -> QuerySet[Account]:
    not_paused = Q(paused_until=None) | Q(paused_until__lte=now)
    return Account.objects.filter(
        not_paused, state=Account.State.ACTIVE, identity__current__isnull=False
    ).select_related("identity__organisation", "identity__current")


def deliver_due(account: Account) -> list[Transfer]:
    """Attempt what is due of one account, unless it is paused or suspended.

    After a pause the first worker tries alone, as a collection does.
    """
    now = timezone.now()
    due = due_deliveries(now)
    if account.state != Account.State.ACTIVE or not account.transfers.filter(due).exists():
        return []
    return deliver_batch(account, among=due) if may_try(account, now=now) else []


def run_due() -> DispatchResult:
    """Do everything that is due now, in the foreground."""
    now = timezone.now()
    resume_mended_accounts(now=now)
    return _run(
        deliveries=accounts_with_due_deliveries(now),
        collections=accounts_with_due_collection(now),
        deliver=deliver_due,
        even_when_paused=False,
    )


def run_everything_now() -> DispatchResult:
    """Do everything that waits, without waiting out any pause."""
    active = Account.objects.filter(
        state=Account.State.ACTIVE, identity__current__isnull=False
    ).select_related("identity__organisation", "identity__current")
    waiting = Q(direction=Direction.DELIVERY, state__in=[State.QUEUED, State.WAITING])
    return _run(
        deliveries=active.filter(Exists(Transfer.objects.filter(waiting, account=OuterRef("pk")))),
        collections=active,
        deliver=lambda account: deliver_batch(account, among=waiting),
        even_when_paused=True,
    )


def _run(
    *,
    deliveries: QuerySet[Account],
    collections: QuerySet[Account],
    deliver: Callable[[Account], list[Transfer]],
    even_when_paused: bool,
) -> DispatchResult:
    result = DispatchResult()
    due_for_collection = list(collections)
    for account in deliveries:
        try:
            result.attempted.extend(deliver(account))
        except Exception:
            # One account's surprise must not keep the others waiting.
            logger.exception("The deliveries of account %s broke off.", account.pk)
            result.broken_off.append(account)
    for account in due_for_collection:
        try:
            result.collections[account] = collect(account, even_when_paused=even_when_paused)
        except Exception:
            logger.exception("The collection of account %s broke off.", account.pk)
            result.broken_off.append(account)
    return result
