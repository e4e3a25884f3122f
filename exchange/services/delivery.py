"""Deliver what is due of one account over one connection.

Per file: store under a temporary name → compare the size → rename. What changes the server is
committed before it is asked for, so a later attempt knows where this one stopped.

MAGDA, "FTPS Technical Information", File Exchange: a file uploaded under its own name may be
picked up half; upload under a temporary name and rename.
"""

import contextlib
import hashlib
import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import BinaryIO

from django.db.models import Q
from django.utils import timezone

from exchange.errors import NotReadyError
from exchange.ftps import (
    CommandError,
    FTPSClient,
    FTPSError,
    NotFoundError,
    SizeMismatchError,
    Stage,
)
from exchange.models import Account, Transfer
from exchange.models.transfer import State, Step
from exchange.remote import path_in, temporary_path
from exchange.services.attempts import AttemptRecorder
from exchange.services.connections import connect
from exchange.services.reconciliation import Folders, Verdict, look, verdict_on
from exchange.services.transfers import (
    LeaseLostError,
    advance,
    claim_next,
    doubt,
    fail,
    lease_renewal,
    postpone,
    succeed,
)
from exchange.services.troubles import (
    LONGEST_TRANSFER_PAUSE,
    MOST_TRIES,
    Consequence,
    account_reached,
    consequence_of,
    pause_account,
    pause_after,
)
from exchange.storage import PayloadMissingError, payload_store

logger = logging.getLogger(__name__)

# How long we keep looking for a file whose rename was asked before a person has to decide.
LOOK_FOR = timedelta(minutes=15)


class PayloadCorruptError(Exception):
    """What was read from the store is not what was kept."""


class NameTakenError(Exception):
    """A file that is not ours stands under the final name in ``to_vip``."""


class NotSeenError(Exception):
    """The rename was asked, and neither the temporary nor the final file can be seen."""


@dataclass
class _Batch:
    """One connection and what was learnt over it."""

    account: Account
    client: FTPSClient
    fingerprint: str
    folders: Folders | None = field(default=None)

    def look_once(self) -> Folders:
        if self.folders is None:
            self.folders = look(self.client, self.account)
        return self.folders


def deliver_batch(account: Account, *, among: Q) -> list[Transfer]:
    """Attempt each delivery of ``account`` that matches ``among`` once; return those attempted.

    Stops early when the trouble is the account's or the connection's. Never raises for a failed
    delivery: the outcome is in the row.
    """
    attempted: list[Transfer] = []
    with contextlib.ExitStack() as stack:
        batch: _Batch | None = None
        fresh = among
        while transfer := claim_next(account, now=timezone.now(), among=fresh):
            attempted.append(transfer)
            fresh = among & ~Q(pk__in=[done.pk for done in attempted])
            try:
                if batch is None:
                    connection = connect(account, now=timezone.now())
                    client = stack.enter_context(connection.client)
                    batch = _Batch(account, client, connection.certificate_fingerprint)
            except NotReadyError as exc:
                recorder = AttemptRecorder(transfer, fingerprint="", client=None)
                _account_trouble(transfer, recorder, exc)
                break
            try:
                if not _attempt(batch, transfer):
                    break
            except LeaseLostError:
                logger.warning("Transfer %s was taken over by another worker.", transfer.pk)
    return attempted


def _attempt(batch: _Batch, transfer: Transfer) -> bool:
    """Make one attempt and write its outcome; return whether the batch may go on."""
    recorder = AttemptRecorder(transfer, fingerprint=batch.fingerprint, client=batch.client)
    try:
        try:
            _bring(batch, transfer, recorder)
        except CommandError as exc:
            # A refused rename, or one whose effect we can't tell: look before judging.
            if transfer.step != Step.RENAME_ASKED or not _arrived_after_all(batch, transfer):
                raise exc from None
        now = timezone.now()
        succeed(transfer, recorder.succeeded(), now=now)
        account_reached(batch.account, now=now)
    except FTPSError as exc:
        return _ftps_trouble(batch, transfer, recorder, exc)
    except NameTakenError:
        fail(transfer, recorder.failed_here("name.taken"), now=timezone.now())
    except NotSeenError:
        _not_seen(transfer, recorder)
    except PayloadMissingError:
        fail(transfer, recorder.failed_here("payload.missing"), now=timezone.now())
    except PayloadCorruptError:
        fail(transfer, recorder.failed_here("payload.corrupt"), now=timezone.now())
    return True


def _bring(batch: _Batch, transfer: Transfer, recorder: AttemptRecorder) -> None:
    """Bring the file to its final name, from wherever the last attempt stopped."""
    if transfer.step == Step.RENAME_ASKED:
        match verdict_on(batch.client, transfer):
            case Verdict.ARRIVED:
                return
            case Verdict.STILL_TEMPORARY:
                _confirm_size(batch.client, transfer)
                _rename(batch, transfer, recorder)
                return
            case Verdict.NAME_TAKEN:
                _remove_temporary(batch.client, transfer)
                raise NameTakenError
            case Verdict.UNKNOWN:
                raise NotSeenError
    _remove_temporary(batch.client, transfer)
    folders = batch.look_once()
    if transfer.final_name in folders.to_vip and not transfer.resends_id:
        raise NameTakenError
    _store(batch, transfer, recorder, stood_before=folders.standing(transfer.final_name))
    _confirm_size(batch.client, transfer)
    advance(transfer, Step.CONFIRMED)
    _rename(batch, transfer, recorder)


def _remove_temporary(client: FTPSClient, transfer: Transfer) -> None:
    """Remove what an earlier attempt of this transfer left; only a path we recorded as ours."""
    if transfer.temporary_path:
        with contextlib.suppress(NotFoundError):
            client.delete(transfer.temporary_path)


def _store(
    batch: _Batch, transfer: Transfer, recorder: AttemptRecorder, *, stood_before: dict[str, str]
) -> None:
    account = batch.account
    path = temporary_path(
        account.staging_folder or account.folder_to_vip,
        transfer.final_name,
        transfer_id=transfer.pk,
        token=transfer.token,
    )
    advance(transfer, Step.NAMED, temporary_path=path, stood_before=stood_before)
    if transfer.payload is None:
        raise PayloadMissingError("The transfer has no payload.")
    with payload_store().open(transfer.payload.id) as content:
        source = _HashingReader(content)
        renew = lease_renewal(transfer)
        receipt = batch.client.store(path, source, size=transfer.size, progress=renew)
    recorder.bytes_moved = receipt.size
    recorder.reply = receipt.reply
    if source.sha256 != transfer.sha256:
        _remove_temporary(batch.client, transfer)
        raise PayloadCorruptError
    advance(transfer, Step.STORED)


def _confirm_size(client: FTPSClient, transfer: Transfer) -> None:
    """Compare the server's size with ours.

    Under TLS 1.3 a client may be told 226 for an upload of which the server holds a part; only
    SIZE (RFC 3659 section 4), or the listing, tells.
    """
    size = client.size(transfer.temporary_path)
    if size is None:
        folder, _, name = transfer.temporary_path.rpartition("/")
        size = next((e.size for e in client.entries(folder) if e.name == name), None)
    if size != transfer.size:
        raise SizeMismatchError(
            f"The server holds {size} of {transfer.size} bytes.", stage=Stage.CONFIRM
        )


def _rename(batch: _Batch, transfer: Transfer, recorder: AttemptRecorder) -> None:
    advance(transfer, Step.RENAME_ASKED, rename_asked_at=timezone.now())
    final = path_in(batch.account.folder_to_vip, transfer.final_name)
    batch.client.rename(transfer.temporary_path, final)


def _arrived_after_all(batch: _Batch, transfer: Transfer) -> bool:
    """Look what a refused rename left; a taken name is told as such."""
    verdict = verdict_on(batch.client, transfer)
    if verdict is Verdict.NAME_TAKEN:
        _remove_temporary(batch.client, transfer)
        raise NameTakenError
    if verdict is Verdict.UNKNOWN:
        raise NotSeenError
    return verdict is Verdict.ARRIVED


def _ftps_trouble(
    batch: _Batch, transfer: Transfer, recorder: AttemptRecorder, error: FTPSError
) -> bool:
    consequence = consequence_of(error)
    if consequence in (Consequence.ACCOUNT, Consequence.CONNECTION):
        _account_trouble(transfer, recorder, error)
        return False
    account_reached(batch.account, now=timezone.now())
    # A refused rename may pass (the server still had the file open); a refused file won't.
    passing = consequence is Consequence.PASSING or transfer.step == Step.RENAME_ASKED
    attempt = recorder.failed(error)
    if passing and transfer.attempts_made < MOST_TRIES:
        pause = pause_after(transfer.attempts_made - 1, longest=LONGEST_TRANSFER_PAUSE)
        postpone(transfer, attempt, state=State.WAITING, until=timezone.now() + pause)
    elif transfer.step == Step.RENAME_ASKED:
        doubt(transfer, attempt, now=timezone.now())
    else:
        fail(transfer, attempt, now=timezone.now())
    return True


def _account_trouble(
    transfer: Transfer, recorder: AttemptRecorder, error: FTPSError | NotReadyError
) -> None:
    """Pause the account and lay its transfer back; it will go when the account works."""
    now = timezone.now()
    pause_account(transfer.account, error, transcript=recorder.transcript, now=now)
    until = transfer.account.paused_until or now
    postpone(transfer, recorder.failed(error), state=State.QUEUED, until=until)


def _not_seen(transfer: Transfer, recorder: AttemptRecorder) -> None:
    now = timezone.now()
    attempt = recorder.failed_here("delivery.not_seen")
    asked = transfer.rename_asked_at or now
    if now - asked > LOOK_FOR:
        doubt(transfer, attempt, now=now)
    else:
        postpone(transfer, attempt, state=State.WAITING, until=now + timedelta(minutes=1))


class _HashingReader:
    """Hashes what is read through it, so that what was sent is known, not assumed."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._hash = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        piece = self._source.read(size)
        self._hash.update(piece)
        return piece

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()
