"""Collect what MAGDA laid ready: one run per account at a time, over one of its connections."""

import logging
from datetime import datetime, timedelta

from django.utils import timezone

from exchange.errors import NotReadyError
from exchange.ftps import FTPSError
from exchange.models import Account
from exchange.services.collection_run import CollectionResult, CollectionRun
from exchange.services.connections import connect
from exchange.services.lease import CollectionLease, CollectionLeaseLostError
from exchange.services.leftovers import remove_leftovers
from exchange.services.logins import login_failed
from exchange.services.slots import Slot, SlotLostError, hold_slot
from exchange.services.troubles import account_reached, may_try

__all__ = ["CollectionResult", "collect"]

logger = logging.getLogger(__name__)

# How soon a run is due again that found all connections of its account in use.
BUSY_FOR = timedelta(seconds=10)
BUSY = "account.connections_busy"


def collect(account: Account, *, even_when_paused: bool = False) -> CollectionResult:
    """Run a collection of ``account`` now; never raises for what the server does.

    ``even_when_paused`` doesn't wait out the pauses of account and files. Returns with
    ``collection.already_running`` when another run has the lease, ``account.connections_busy`` when
    the account holds all its connections, and ``account.paused`` or ``account.suspended`` when it
    may not run.
    """
    now = timezone.now()
    if account.state != Account.State.ACTIVE:
        return CollectionResult(error_code="account.suspended")
    if account.is_paused(now) and not even_when_paused:
        return CollectionResult(error_code="account.paused")
    lease = CollectionLease.take(account)
    if lease is None:
        return CollectionResult(error_code="collection.already_running")
    soon = timedelta(seconds=account.collect_every)
    try:
        with hold_slot(account, for_collection=True) as slot:
            if slot is None:
                soon = min(soon, BUSY_FOR)
                return CollectionResult(error_code=BUSY)
            if not even_when_paused and not may_try(account, now=now):
                return CollectionResult(error_code="account.paused")
            result = _collect(account, lease, slot, files_due_at=None if even_when_paused else now)
            if result.goes_on:
                soon = timedelta(0)
            return result
    except (CollectionLeaseLostError, SlotLostError):
        logger.warning("The collection of account %s was taken over by another run.", account.pk)
        return CollectionResult(error_code="collection.taken_over")
    finally:
        lease.give_back(next_at=timezone.now() + soon)


def _collect(
    account: Account, lease: CollectionLease, slot: Slot, *, files_due_at: datetime | None
) -> CollectionResult:
    def beat() -> None:
        lease.renew_now_and_then()
        slot.renew_now_and_then()

    try:
        connection = connect(account, now=timezone.now(), heartbeat=beat)
    except NotReadyError as exc:
        _failed(account, lease, exc, fingerprint="", transcript="")
        return CollectionResult(error_code=exc.code)
    fingerprint = connection.certificate_fingerprint
    with connection.client as client:
        run = CollectionRun(account, lease, connection, files_due_at=files_due_at)
        try:
            run.go()
        except FTPSError as exc:
            transcript = "\n".join(client.transcript.lines)
            run.result.goes_on = _failed(
                account, lease, exc, fingerprint=fingerprint, transcript=transcript
            )
            run.result.error_code = exc.code
        else:
            with lease.proven():
                account_reached(account, now=timezone.now())
            remove_leftovers(client, account)
    return run.result


def _failed(
    account: Account,
    lease: CollectionLease,
    error: FTPSError | NotReadyError,
    *,
    fingerprint: str,
    transcript: str,
) -> bool:
    """Return whether the next run may begin at once."""
    # What a run met that was taken over says nothing: its own connection was left to die.
    with lease.proven():
        now = timezone.now()
        return login_failed(account, error, fingerprint, transcript=transcript, now=now)
