"""Bring one file to its final name, step by step, from wherever the last attempt stopped."""

import contextlib
import hashlib
from typing import BinaryIO

from django.utils import timezone

from exchange.ftps import CommandError, FTPSClient, NotFoundError, SizeMismatchError, Stage
from exchange.models import Transfer
from exchange.models.transfer import Step
from exchange.remote import path_in
from exchange.services import temporary_files
from exchange.services.attempts import AttemptRecorder
from exchange.services.delivery.content import fetch_content
from exchange.services.delivery.errors import (
    NameTakenError,
    NotSeenError,
    PayloadCorruptError,
)
from exchange.services.delivery.temporary import (
    own_path,
    remove_temporary_files,
    standing_before,
    take_over,
)
from exchange.services.delivery.visit import Visit
from exchange.services.reconciliation import Verdict, verdict_on
from exchange.services.transfers import advance
from exchange.storage import PayloadMissingError, payload_store


def bring(visit: Visit, transfer: Transfer, recorder: AttemptRecorder) -> None:
    """Bring the file to its final name.

    Raises FTPSError, or one of the errors beside this module, when it doesn't get there.
    """
    if transfer.step == Step.RENAME_ASKED and settle_asked_rename(visit, transfer):
        return
    if not take_over(visit, transfer):
        _store(visit, transfer, recorder)
    tells_sizes = _confirm_size(visit.client, transfer)
    if transfer.step != Step.RENAME_ASKED:
        advance(transfer, Step.CONFIRMED)
    _rename(visit, transfer, tells_sizes=tells_sizes)


def settle_asked_rename(visit: Visit, transfer: Transfer) -> bool:
    """Look what became of a rename; return True when it happened, False when it didn't.

    Raises NotSeenError when nothing can be seen, and NameTakenError when another file has the
    name; our temporary file is removed then.
    """
    match verdict_on(visit.client, transfer):
        case Verdict.ARRIVED:
            return True
        case Verdict.STILL_TEMPORARY:
            return False
        case Verdict.NAME_TAKEN:
            # First committed, then done: an attempt after a crash must not take the other file,
            # with our temporary one gone, for ours.
            advance(transfer, Step.CONFIRMED)
            remove_temporary_files(visit.client, transfer)
            raise NameTakenError
        case Verdict.UNKNOWN:
            raise NotSeenError


def _store(visit: Visit, transfer: Transfer, recorder: AttemptRecorder) -> None:
    if transfer.payload is None and transfer.content_from:
        fetch_content(visit.client, transfer)
    if transfer.payload is None:
        raise PayloadMissingError("The transfer has no payload.")
    path = own_path(visit, transfer)
    standing = standing_before(visit, transfer)
    temporary_files.enter(transfer, path, step=Step.NAMED, stood_before=standing)
    with payload_store().open(transfer.payload.id) as content:
        source = _HashingReader(content)
        receipt = visit.client.store(path, source, size=transfer.size)
    recorder.bytes_moved = receipt.size
    recorder.reply = receipt.reply
    if source.sha256 != transfer.sha256:
        remove_temporary_files(visit.client, transfer)
        raise PayloadCorruptError
    advance(transfer, Step.STORED)


def _confirm_size(client: FTPSClient, transfer: Transfer) -> bool:
    """Compare the server's size with ours; return whether SIZE told it.

    Under TLS 1.3 a client may be told 226 for an upload of which the server holds a part; only
    SIZE (RFC 3659 section 4), or the listing, tells.
    """
    told = _told_size(client, transfer.temporary_path)
    size = _listed_size(client, transfer.temporary_path) if told is None else told
    if size != transfer.size:
        raise SizeMismatchError(
            f"The server holds {size} of {transfer.size} bytes.", stage=Stage.CONFIRM
        )
    return told is not None


def _told_size(client: FTPSClient, path: str) -> int | None:
    """Ask with SIZE; None where it is missing or refused, in whatever words."""
    with contextlib.suppress(CommandError):
        return client.size(path)
    return None


def _listed_size(client: FTPSClient, path: str) -> int | None:
    folder, _, name = path.rpartition("/")
    return next((entry.size for entry in client.entries(folder) if entry.name == name), None)


def _rename(visit: Visit, transfer: Transfer, *, tells_sizes: bool) -> None:
    if _is_taken(visit, transfer, tells_sizes=tells_sizes):
        if transfer.step == Step.RENAME_ASKED:
            # Our file stands under its temporary name, so what has the final one is not ours.
            advance(transfer, Step.CONFIRMED)
        raise NameTakenError
    advance(transfer, Step.RENAME_ASKED, rename_asked_at=timezone.now())
    final = path_in(visit.account.folder_to_vip, transfer.final_name)
    visit.client.rename(transfer.temporary_path, final)


def _is_taken(visit: Visit, transfer: Transfer, *, tells_sizes: bool) -> bool:
    """Say whether a file stands under the final name, right now: we never replace one.

    Many servers replace it silently (RFC 959 doesn't say). Not even who sends again on purpose may
    do that: what MAGDA has not picked up yet would be lost.
    """
    # A server that answers every SIZE with 550 says "free" of what stands there.
    if tells_sizes and _is_free(visit, transfer.final_name):
        return False
    return "to_vip" in visit.look_again().standing(transfer.final_name)


def _is_free(visit: Visit, name: str) -> bool:
    """Ask with SIZE, which costs one round trip; False where that doesn't tell."""
    try:
        visit.client.size(path_in(visit.account.folder_to_vip, name))
    except NotFoundError:
        return True
    except CommandError:
        return False
    return False


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
