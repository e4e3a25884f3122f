"""Work through what is due of one account."""

import contextlib
import logging
import time

from django.db.models import Q
from django.utils import timezone

from exchange.errors import NotReadyError
from exchange.ftps import CommandError, FTPSError
from exchange.models import Account, Transfer
from exchange.models.transfer import Step
from exchange.services.attempts import AttemptRecorder
from exchange.services.connections import connect
from exchange.services.delivery.errors import (
    FoldersUnreadableError,
    NameTakenError,
    NotSeenError,
    PayloadCorruptError,
)
from exchange.services.delivery.outcomes import (
    account_trouble,
    file_trouble,
    not_seen,
    server_trouble,
)
from exchange.services.delivery.steps import bring, settle_asked_rename
from exchange.services.delivery.visit import Visit
from exchange.services.leftovers import remove_leftovers
from exchange.services.transfers import DeliveryLease, LeaseLostError, claim_next, fail, succeed
from exchange.services.troubles import account_reached
from exchange.storage import PayloadMissingError

logger = logging.getLogger(__name__)

# Seconds after which a batch claims nothing more: other accounts want a worker too, and what is
# left is found by the next round.
LONGEST_BATCH = 600.0


def deliver_batch(account: Account, *, among: Q) -> list[Transfer]:
    """Attempt each delivery of ``account`` that matches ``among`` once; return those attempted.

    Stops early when the trouble is the account's or the connection's. Never raises for a failed
    delivery: the outcome is in the row.
    """
    attempted: list[Transfer] = []
    lease = DeliveryLease()
    until = time.monotonic() + LONGEST_BATCH
    with contextlib.ExitStack() as stack:
        visit: Visit | None = None
        while transfer := _claim(account, among, attempted, until):
            attempted.append(transfer)
            lease.hold(transfer)
            try:
                visit = visit or _visit(account, lease, stack)
                if not _attempt(visit, transfer):
                    break
            except NotReadyError as exc:
                account_trouble(
                    transfer, AttemptRecorder(transfer, fingerprint="", client=None), exc
                )
                break
            except LeaseLostError:
                logger.warning("Transfer %s was taken over by another worker.", transfer.pk)
        lease.let_go()
        if visit is not None:
            remove_leftovers(visit.client, account)
    return attempted


def _claim(account: Account, among: Q, attempted: list[Transfer], until: float) -> Transfer | None:
    if time.monotonic() > until:
        return None
    # What was laid back a moment ago may match again; one attempt each is enough.
    again = [transfer.pk for transfer in attempted if transfer.state not in Transfer.SETTLED]
    return claim_next(account, now=timezone.now(), among=among & ~Q(pk__in=again))


def _visit(account: Account, lease: DeliveryLease, stack: contextlib.ExitStack) -> Visit:
    connection = connect(account, now=timezone.now(), heartbeat=lease.renew_now_and_then)
    client = stack.enter_context(connection.client)
    return Visit(account, client, connection.certificate_fingerprint)


def _attempt(visit: Visit, transfer: Transfer) -> bool:
    """Make one attempt and write its outcome; return whether the batch may go on."""
    recorder = AttemptRecorder(transfer, fingerprint=visit.fingerprint, client=visit.client)
    try:
        _bring_or_find(visit, transfer, recorder)
        now = timezone.now()
        succeed(transfer, recorder.succeeded(), now=now)
        account_reached(visit.account, now=now)
    except FTPSError as exc:
        return server_trouble(transfer, recorder, exc)
    except FoldersUnreadableError as exc:
        account_trouble(transfer, recorder, exc.error)
        return False
    except NotSeenError:
        not_seen(transfer, recorder)
    except NameTakenError:
        fail(transfer, recorder.failed_here("name.taken"), now=timezone.now())
    except PayloadMissingError:
        fail(transfer, recorder.failed_here("payload.missing"), now=timezone.now())
    except PayloadCorruptError:
        fail(transfer, recorder.failed_here("payload.corrupt"), now=timezone.now())
    except OSError:
        logger.exception("The content of transfer %s can't be read.", transfer.pk)
        file_trouble(transfer, recorder.failed_here("payload.unreadable"), may_pass=True)
    return True


def _bring_or_find(visit: Visit, transfer: Transfer, recorder: AttemptRecorder) -> None:
    """Bring the file there; after a refused rename, look before judging."""
    try:
        bring(visit, transfer, recorder)
    except CommandError:
        if transfer.step != Step.RENAME_ASKED or not settle_asked_rename(visit, transfer):
            raise
