"""Collect what MAGDA laid ready: one run per account at a time.

Per file: fetch → compare sizes → fsync, rename, commit → and only then move or delete it on the
server. ``public`` is only read.
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from exchange.errors import NotReadyError
from exchange.filenames import shown
from exchange.ftps import CommandError, FTPSClient, FTPSError, NotFoundError, Receipt
from exchange.models import Account, Payload, RemoteFile, Transfer
from exchange.models.transfer import Direction, State
from exchange.remote import path_in
from exchange.services.answers import context_of, described, request_answered_by
from exchange.services.attempts import AttemptRecorder
from exchange.services.connections import connect
from exchange.services.lease import CollectionLease, CollectionLeaseLostError
from exchange.services.ledger import bring_up_to_date
from exchange.services.pick_up import note_picked_up
from exchange.services.release import clear_cache, release
from exchange.services.troubles import (
    PORTAL,
    Consequence,
    account_reached,
    consequence_of,
    pause_account,
)
from exchange.storage import PayloadWriter, StoredFile, payload_store
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Subject, record

logger = logging.getLogger(__name__)


class ChangedMeanwhileError(Exception):
    """The file's size changed between listing and fetching; the next run takes it."""


@dataclass
class CollectionResult:
    """What one run did. ``error_code`` is set when the run itself failed or did not start."""

    collected: list[Transfer] = field(default_factory=list)
    released: int = 0
    picked_up: int = 0
    # Names, as shown, of files that could not be fetched this time.
    failed: list[str] = field(default_factory=list)
    error_code: str = ""


def collect(account: Account, *, even_when_paused: bool = False) -> CollectionResult:
    """Run a collection of ``account`` now; never raises for what the server does.

    Returns with ``collection.already_running`` when another run has the lease, and
    ``account.paused`` or ``account.suspended`` when it may not run.
    """
    now = timezone.now()
    if account.state != Account.State.ACTIVE:
        return CollectionResult(error_code="account.suspended")
    if account.is_paused(now) and not even_when_paused:
        return CollectionResult(error_code="account.paused")
    lease = CollectionLease.take(account, now=now)
    if lease is None:
        return CollectionResult(error_code="collection.already_running")
    try:
        return _Run(account, lease).go()
    except CollectionLeaseLostError:
        logger.warning("The collection of account %s was taken over by another run.", account.pk)
        return CollectionResult(error_code="collection.taken_over")
    finally:
        lease.give_back(next_at=_next_run(account))


def _next_run(account: Account) -> datetime:
    return timezone.now() + timedelta(seconds=account.collect_every)


class _Run:
    """One run over one connection."""

    def __init__(self, account: Account, lease: CollectionLease) -> None:
        self.account = account
        self.lease = lease
        self.result = CollectionResult()
        self.fingerprint = ""

    def go(self) -> CollectionResult:
        try:
            connection = connect(self.account, now=timezone.now())
        except NotReadyError as exc:
            return self._stop(exc, transcript="")
        self.fingerprint = connection.certificate_fingerprint
        with connection.client as client:
            try:
                self._work(client)
            except FTPSError as exc:
                return self._stop(exc, transcript="\n".join(client.transcript.lines))
        account_reached(self.account, now=timezone.now())
        return self.result

    def _stop(self, error: FTPSError | NotReadyError, *, transcript: str) -> CollectionResult:
        pause_account(self.account, error, transcript=transcript, now=timezone.now())
        self.result.error_code = error.code
        return self.result

    def _work(self, client: FTPSClient) -> None:
        for folder in self.account.collect_folders:
            for row in self._present(client, folder):
                self._take(client, row)
                self._release(client, row)
        self._read_public(client)
        self.result.picked_up = note_picked_up(client, self.account, now=timezone.now())
        clear_cache(client, self.account, now=timezone.now())

    def _present(self, client: FTPSClient, folder: str) -> list[RemoteFile]:
        self.lease.renew()
        entries = client.entries(folder)
        return bring_up_to_date(self.account, folder, entries, now=timezone.now())

    def _read_public(self, client: FTPSClient) -> None:
        subscriptions = list(self.account.subscriptions.all())
        if not subscriptions:
            return
        try:
            entries = client.entries(self.account.folder_public)
        except NotFoundError:
            logger.warning("Account %s has no folder for publications.", self.account.pk)
            return
        wanted = [e for e in entries if any(s.matches(e.name) for s in subscriptions)]
        folder, now = self.account.folder_public, timezone.now()
        for row in bring_up_to_date(self.account, folder, wanted, now=now):
            self._take(client, row)

    def _take(self, client: FTPSClient, row: RemoteFile) -> None:
        """Fetch one file that isn't kept yet; what concerns only this file doesn't end the run."""
        if row.state != RemoteFile.State.SEEN:
            return
        self.lease.renew()
        try:
            self.result.collected.append(self._fetch(client, row))
        except ChangedMeanwhileError:
            logger.info("Remote file %s is still changing; left for the next run.", row.pk)
        except OSError:
            logger.exception("Remote file %s could not be kept.", row.pk)
            self._leave(row, "storage.full")
        except FTPSError as exc:
            if consequence_of(exc) in (Consequence.ACCOUNT, Consequence.CONNECTION):
                raise
            self._leave(row, exc.code)

    def _leave(self, row: RemoteFile, code: str) -> None:
        self.result.failed.append(shown(row.name))
        RemoteFile.objects.filter(pk=row.pk).update(error_code=code)

    def _fetch(self, client: FTPSClient, row: RemoteFile) -> Transfer:
        transfer = Transfer(account=self.account, direction=Direction.COLLECTION)
        recorder = AttemptRecorder(transfer, fingerprint=self.fingerprint, client=client)
        path = path_in(row.folder, row.name)
        with payload_store().writer() as writer:
            receipt = client.retrieve(path, writer.write, progress=self.lease.renew_now_and_then)
            _check_size(client, path, row, writer)
            recorder.bytes_moved, recorder.reply = receipt.size, receipt.reply
            stored = writer.keep()
        try:
            return self._commit(row, transfer, stored, recorder, receipt)
        except BaseException:
            payload_store().erase(stored.id)
            raise

    def _commit(
        self,
        row: RemoteFile,
        transfer: Transfer,
        stored: StoredFile,
        recorder: AttemptRecorder,
        receipt: Receipt,
    ) -> Transfer:
        context = context_of(payload_store(), stored)
        now = timezone.now()
        with transaction.atomic():
            self.lease.renew()
            transfer.state = State.DONE
            transfer.final_name = row.name
            transfer.folder = row.folder
            transfer.size, transfer.sha256 = stored.size, stored.sha256
            transfer.payload = Payload.objects.create(
                id=stored.id, size=stored.size, sha256=stored.sha256
            )
            for column, value in described(context).items():
                setattr(transfer, column, value)
            transfer.answers_to = request_answered_by(self.account, context)
            transfer.attempts_made = 1
            transfer.finished_at = now
            transfer.save(force_insert=True)
            recorder.succeeded().save()
            row.state, row.transfer, row.size, row.error_code = (
                RemoteFile.State.KEPT,
                transfer,
                stored.size,
                "",
            )
            row.save(update_fields=["state", "transfer", "size", "error_code"])
            self._record(Action.TRANSFER_COLLECTED, transfer)
            if transfer.answers_to is not None:
                self._record(Action.TRANSFER_ANSWERED, transfer.answers_to, by=transfer)
        return transfer

    def _record(self, action: Action, transfer: Transfer, by: Transfer | None = None) -> None:
        record(
            action,
            actor=PORTAL,
            organisation_id=self.account.organisation.pk,
            subject=Subject.row(transfer, shown(transfer.final_name)),
            details={"answer": by.pk} if by else {"sha256": transfer.sha256},
        )

    def _release(self, client: FTPSClient, row: RemoteFile) -> None:
        """Clear a kept file from MAGDA's folder; one that can't be cleared is tried next time."""
        if row.state != RemoteFile.State.KEPT:
            return
        self.lease.renew()
        try:
            release(client, row)
        except CommandError as exc:
            self.result.failed.append(shown(row.name))
            RemoteFile.objects.filter(pk=row.pk).update(error_code=exc.code)
        else:
            self.result.released += 1


def _check_size(client: FTPSClient, path: str, row: RemoteFile, writer: PayloadWriter) -> None:
    """Compare what came with the listing and with the server's size now.

    A file that grows while it is fetched comes short, and nothing in the dialogue tells.
    """
    now_there = client.size(path)
    listed = writer.size if row.size < 0 else row.size
    if writer.size != listed or now_there not in (None, writer.size):
        raise ChangedMeanwhileError
