"""Fetch one remote file and keep it: fetch → compare sizes → fsync and rename → commit."""

from django.utils import timezone

from exchange.filenames import shown
from exchange.ftps import CommandError, FTPSClient, Receipt, SizeMismatchError
from exchange.messages import Context
from exchange.models import Account, Payload, RemoteFile, Transfer
from exchange.models.transfer import Direction, State
from exchange.remote import path_in
from exchange.services.answers import context_of, described, errors_in, request_answered_by
from exchange.services.attempts import AttemptRecorder
from exchange.services.connections import Connection
from exchange.services.lease import CollectionLease
from exchange.services.troubles import PORTAL
from exchange.storage import PayloadWriter, StoredFile, payload_store
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Subject, record

# What the column of a transfer's name takes; a longer one loses its beginning.
_NAME_LENGTH = 500


class ChangedMeanwhileError(Exception):
    """The file's size changed between listing and fetching; the next run takes it."""


def fetch(connection: Connection, row: RemoteFile, *, lease: CollectionLease) -> Transfer:
    """Fetch ``row`` and keep it; return the collected transfer.

    A file whose content went missing here fills its old transfer again. Raises FTPSError,
    ChangedMeanwhileError, OSError when the store can't take it, CollectionLeaseLostError.
    """
    client = connection.client
    transfer = row.transfer or Transfer(account=row.account, direction=Direction.COLLECTION)
    recorder = AttemptRecorder(
        transfer, fingerprint=connection.certificate_fingerprint, client=client
    )
    with payload_store().writer() as writer:
        receipt = _retrieve(client, row, writer)
        stored = writer.keep()
    recorder.bytes_moved, recorder.reply = receipt.size, receipt.reply
    _commit(row, transfer, stored, recorder, lease)
    return transfer


def _retrieve(client: FTPSClient, row: RemoteFile, writer: PayloadWriter) -> Receipt:
    """Write what the server has, compared with the listing and with the server's size now.

    A file that grows while it is fetched comes short, and nothing in the dialogue tells.
    """
    path, listed = path_in(row.folder, row.wire_name), None if row.size < 0 else row.size
    try:
        receipt = client.retrieve(path, writer.write, expected=listed)
    except SizeMismatchError as exc:
        # A file that changed since it was listed is nobody's failure.
        if _size_now(client, row) not in (None, listed):
            raise ChangedMeanwhileError from exc
        raise
    if _size_now(client, row) not in (None, writer.size):
        raise ChangedMeanwhileError
    return receipt


def _size_now(client: FTPSClient, row: RemoteFile) -> int | None:
    """Return the file's size on the server; None when nothing tells.

    Some servers refuse SIZE, and a file may be taken away after we had the whole of it: what we
    have is kept then.
    """
    try:
        return client.size(path_in(row.folder, row.wire_name))
    except CommandError:
        entries = {entry.name: entry for entry in client.entries(row.folder)}
        entry = entries.get(row.wire_name)
        return entry.size if entry else None


def _commit(
    row: RemoteFile,
    transfer: Transfer,
    stored: StoredFile,
    recorder: AttemptRecorder,
    lease: CollectionLease,
) -> None:
    may_be_committed = False
    try:
        context = context_of(payload_store(), stored)
        transfer.errors_reported = errors_in(payload_store(), stored, context)
        with lease.proven():
            _keep(row, transfer, stored, context)
            recorder.succeeded().save()
            _record(Action.TRANSFER_COLLECTED, row.account, transfer)
            if transfer.answers_to is not None:
                _record(
                    Action.TRANSFER_ANSWERED, row.account, transfer.answers_to, answer=transfer.pk
                )
            may_be_committed = True
    except BaseException:
        # An error after this point may hide a commit that was done, its reply lost: the content
        # stays then, and the nightly sweep removes it if no row knows it.
        if not may_be_committed:
            payload_store().erase(stored.id)
        raise
    # Not before: a caller must not take for kept what was rolled back.
    row.state, row.transfer, row.size = RemoteFile.State.KEPT, transfer, stored.size
    row.error_code, row.failures, row.next_try_at = "", 0, None


def _keep(row: RemoteFile, transfer: Transfer, stored: StoredFile, context: Context | None) -> None:
    now = timezone.now()
    if transfer.payload is not None:
        # The content that went missing.
        Payload.objects.filter(pk=transfer.payload.pk, erased_at=None).update(erased_at=now)
    transfer.state = State.DONE
    transfer.final_name, transfer.folder = row.name[-_NAME_LENGTH:], row.folder
    transfer.size, transfer.sha256 = stored.size, stored.sha256
    transfer.payload = Payload.objects.create(id=stored.id, size=stored.size, sha256=stored.sha256)
    for column, value in described(context).items():
        setattr(transfer, column, value)
    transfer.answers_to = request_answered_by(row.account, context)
    transfer.attempts_made += 1
    transfer.finished_at = now
    transfer.save()
    RemoteFile.objects.filter(pk=row.pk).update(
        state=RemoteFile.State.KEPT,
        transfer=transfer,
        size=stored.size,
        error_code="",
        failures=0,
        next_try_at=None,
    )


def _record(
    action: Action, account: Account, transfer: Transfer, *, answer: int | None = None
) -> None:
    record(
        action,
        actor=PORTAL,
        organisation_id=account.organisation.pk,
        subject=Subject.row(transfer, shown(transfer.final_name)),
        details={"answer": answer} if answer else {"sha256": transfer.sha256},
    )
