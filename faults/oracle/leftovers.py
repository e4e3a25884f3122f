"""Nothing stays stuck: no row, no lease, no file, here or at MAGDA."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db.models.functions import Now

from exchange.models import Account, ConnectionSlot, Payload, RemoteFile, TemporaryFile, Transfer
from exchange.services.retention import sweep_store
from faults.disk import files_below, path_of
from faults.expectations import Expectations
from faults.witness import TEMPORARY_SUFFIX

_TWO_DAYS = 2 * 24 * 3600.0


def nothing_stuck(expected: Expectations) -> Iterator[str]:
    """Look at rows and leases of the account, and at the files of everybody."""
    account = Account.objects.get(pk=expected.account.pk)
    for transfer in account.transfers.exclude(state__in=Transfer.SETTLED):
        yield f"Transfer {transfer.pk} is still {transfer.state} ({transfer.error_code})."
    if Account.objects.filter(pk=account.pk, collection_lease_until__gte=Now()).exists():
        yield "The account is still leased by a collection."
    for slot in ConnectionSlot.objects.filter(account=account, lease_until__gte=Now()):
        yield f"Connection {slot.number} of the account is still held."
    for row in RemoteFile.objects.filter(account=account, state=RemoteFile.State.SEEN):
        yield f"Remote file {row} is still to be fetched ({row.error_code})."
    yield from _remote_leftovers(expected)
    yield from _missing_contents(account)
    yield from _local_leftovers()


def _remote_leftovers(expected: Expectations) -> Iterator[str]:
    recorded = set(
        TemporaryFile.objects.filter(transfer__account=expected.account).values_list(
            "path", flat=True
        )
    )
    for path in sorted(expected.home.rglob(f"*{TEMPORARY_SUFFIX}")):
        inside = path.relative_to(expected.home).as_posix()
        if inside not in recorded:
            yield f"{inside} was left behind at MAGDA."


def _missing_contents(account: Account) -> Iterator[str]:
    for payload in Payload.objects.filter(transfer__account=account, erased_at=None):
        if not path_of(payload).is_file():
            yield f"Payload {payload.pk} is not in the store."


def _local_leftovers() -> Iterator[str]:
    """Let two days pass for what no row knows, sweep the store, and look what is left."""
    two_days_ago = time.time() - _TWO_DAYS
    in_use = {path_of(payload) for payload in Payload.objects.filter(erased_at=None)}
    for path in _unknown(in_use):
        os.utime(path, (two_days_ago, two_days_ago))
    sweep_store()
    yield from (f"{path.name} is in the store, and no row knows it." for path in _unknown(in_use))
    for path in files_below(Path(settings.FILE_UPLOAD_TEMP_DIR)):
        yield f"The upload {path.name} was left behind."


def _unknown(in_use: set[Path]) -> list[Path]:
    return [path for path in files_below(Path(settings.PAYLOAD_DIR)) if path not in in_use]
