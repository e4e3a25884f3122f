"""Queue deliveries as the send page does."""

import io
from pathlib import Path

from bench.contents import Expected, request_content
from exchange.models import Account, Payload
from exchange.services.submission import Draft, Submitter, submit
from exchange.storage import payload_store
from exchange.tests.wiring import ACTOR


def queue(account: str, prefix: str, count: int, size: int) -> None:
    """Queue files ``<prefix>-<number>.xml``, whose content their name decides."""
    row = Account.objects.select_related("identity__organisation").get(pk=account)
    for expected in Expected.numbered(prefix, count, size):
        draft = Draft(row, expected.name, Submitter(ACTOR))
        submit(draft, content=io.BytesIO(request_content(expected.name, size)))


def queue_file(account: str, name: str, path: str) -> int:
    """Queue one file from the disk; return the id of its transfer."""
    row = Account.objects.select_related("identity__organisation").get(pk=account)
    with Path(path).open("rb") as content:
        return submit(Draft(row, name, Submitter(ACTOR)), content=content).pk


def forget_contents(account: str) -> None:
    """Remove the contents of the account from the store, so that large ones don't pile up."""
    for payload in Payload.objects.filter(transfer__account_id=account):
        payload_store().erase(payload.pk)
