"""Work through what is due of one account, over one connection."""

import contextlib
import logging
import time

from django.db.models import Q
from django.utils import timezone

from exchange.errors import NotReadyError
from exchange.ftps import CommandError, FTPSError, UnconfirmedError
from exchange.models import Account, Transfer
from exchange.models.transfer import Step
from exchange.services.attempts import AttemptRecorder
from exchange.services.claims import DeliveryLease, claim_next
from exchange.services.connections import connect
from exchange.services.delivery.content import ContentError
from exchange.services.delivery.errors import (
    FoldersUnreadableError,
    NameTakenError,
    NotSeenError,
    PayloadCorruptError,
)
from exchange.services.delivery.outcomes import (
    account_trouble,
    file_trouble,
    name_taken,
    not_seen,
    server_trouble,
)
from exchange.services.delivery.steps import bring, settle_asked_rename
from exchange.services.delivery.visit import Visit
from exchange.services.lease_clock import steady_seconds
from exchange.services.leftovers import remove_leftovers
from exchange.services.slots import Slot, SlotLostError, collection_waits, hold_slot
from exchange.services.transfers import LeaseLostError, fail, succeed
from exchange.services.troubles import account_reached
from exchange.storage import PayloadMissingError

logger = logging.getLogger(__name__)

# Seconds after which a batch claims nothing more: other accounts want a worker too, and what is
# left is found by the next round.
LONGEST_BATCH = 600.0
# Seconds between looks whether a collection waits for this connection.
_ASK_AGAIN = 5.0


def deliver_batch(account: Account, *, among: Q) -> list[Transfer]:
    """Attempt each delivery of ``account`` that matches ``among`` once; return those attempted.

    Stops early when the trouble is the account's or the connection's, and does nothing when the
    account holds all its connections. Never raises for a failed delivery: the outcome is in the
    row.
    """
    with hold_slot(account) as slot, contextlib.ExitStack() as stack:
        if slot is None:
            return []
        batch = _Batch(account, slot, stack, among=among)
        try:
            batch.run()
        except SlotLostError:
            logger.warning("The connection of account %s was taken over by another.", account.pk)
        return batch.attempted


class _Batch:
    """One batch, and the connection that its first delivery opens."""

    def __init__(
        self, account: Account, slot: Slot, stack: contextlib.ExitStack, *, among: Q
    ) -> None:
        self.attempted: list[Transfer] = []
        self._account = account
        self._slot = slot
        self._stack = stack
        self._among = among
        self._lease = DeliveryLease()
        self._visit: Visit | None = None
        self._until = time.monotonic() + LONGEST_BATCH
        self._ask_at = 0.0

    def run(self) -> None:
        """Attempt one after the other, then remove what given-up deliveries left behind."""
        while transfer := self._claim():
            if not self._deliver(transfer):
                return
        self._lease.let_go()
        if self._visit is not None:
            remove_leftovers(self._visit.client, self._account)

    def _claim(self) -> Transfer | None:
        if time.monotonic() > self._until or self._is_waited_for():
            return None
        # What was laid back a moment ago may match again; one attempt each is enough.
        again = [
            transfer.pk for transfer in self.attempted if transfer.state not in Transfer.SETTLED
        ]
        claimed_at = steady_seconds()
        transfer = claim_next(self._account, among=self._among & ~Q(pk__in=again))
        if transfer is not None:
            self._lease.hold(transfer, claimed_at=claimed_at)
            self.attempted.append(transfer)
        return transfer

    def _is_waited_for(self) -> bool:
        now = time.monotonic()
        if not self.attempted or now < self._ask_at:
            return False
        self._ask_at = now + _ASK_AGAIN
        return collection_waits(self._account)

    def _deliver(self, transfer: Transfer) -> bool:
        """Attempt one delivery; return whether the batch may go on."""
        try:
            self._visit = self._visit or self._connect()
            return _attempt(self._visit, transfer)
        except NotReadyError as exc:
            account_trouble(transfer, AttemptRecorder(transfer, fingerprint="", client=None), exc)
            return False
        except LeaseLostError:
            logger.warning("Transfer %s was taken over by another worker.", transfer.pk)
            return True

    def _connect(self) -> Visit:
        connection = connect(self._account, now=timezone.now(), heartbeat=self._beat)
        client = self._stack.enter_context(connection.client)
        return Visit(self._account, client, connection.certificate_fingerprint)

    def _beat(self) -> None:
        self._slot.renew_now_and_then()
        self._lease.renew_now_and_then()


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
        name_taken(transfer, recorder)
    except ContentError as exc:
        fail(transfer, recorder.failed_here(exc.code), now=timezone.now())
    except PayloadMissingError:
        fail(transfer, recorder.failed_here("payload.missing"), now=timezone.now())
    except PayloadCorruptError:
        fail(transfer, recorder.failed_here("payload.corrupt"), now=timezone.now())
    except OSError:
        logger.exception("The content of transfer %s can't be read or kept.", transfer.pk)
        code = "payload.unreadable" if transfer.payload else "storage.full"
        file_trouble(transfer, recorder.failed_here(code), may_pass=True)
    return True


def _bring_or_find(visit: Visit, transfer: Transfer, recorder: AttemptRecorder) -> None:
    """Bring the file there; after a refused rename, or a lost reply to it, look before judging."""
    try:
        bring(visit, transfer, recorder)
    except (CommandError, UnconfirmedError):
        if transfer.step != Step.RENAME_ASKED or not settle_asked_rename(visit, transfer):
            raise
