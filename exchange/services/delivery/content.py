"""Fetch the content of a delivery that is sent again from MAGDA's cache: fetch → compare → keep.

MAGDA, "FTPS Technical Information", File Cleanup: what it picked up stands in ``cache/to_vip`` for
two weeks.
"""

from django.db import transaction

from exchange.ftps import CommandError, FTPSClient, NotFoundError, SizeMismatchError, Stage
from exchange.messages import Context
from exchange.models import Payload, Transfer
from exchange.services.answers import context_of, described
from exchange.services.reconciliation import client_has
from exchange.services.transfers import record_of, write_held
from exchange.storage import StoredFile, payload_store
from magda_portal.audit.actions import Action


class ContentError(Exception):
    """The content to be sent again is not to be had; ``code`` has its advice.

    ``cache.gone``: it is no longer there. ``cache.other_content``: another file has its name.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def fetch_content(client: FTPSClient, transfer: Transfer) -> None:
    """Keep the content of ``transfer``, a claimed delivery, from where ``content_from`` says.

    Raises ContentError, FTPSError, OSError when the store can't take it, and LeaseLostError; then
    nothing is kept.
    """
    with payload_store().writer() as writer:
        try:
            client.retrieve(transfer.content_from, writer.write)
        except NotFoundError as exc:
            # A 550 says "gone" and "no" alike (RFC 959 section 4.2.2); the listing tells.
            if client_has(client, transfer.content_from):
                raise
            raise ContentError("cache.gone", str(exc)) from exc
        if writer.size != transfer.size:
            raise _other_size(client, transfer, writer.size)
        stored = writer.keep()
    _commit(transfer, stored)


def _other_size(
    client: FTPSClient, transfer: Transfer, came: int
) -> ContentError | SizeMismatchError:
    """Tell a file of another size, which stays so, from one that came in part."""
    message = f"{came} bytes came of {transfer.content_from}, not {transfer.size}."
    try:
        is_whole = client.size(transfer.content_from) == came
    except CommandError:
        is_whole = False
    if is_whole:
        return ContentError("cache.other_content", message)
    return SizeMismatchError(message, stage=Stage.CONFIRM)


def _commit(transfer: Transfer, stored: StoredFile) -> None:
    may_be_committed = False
    try:
        _require_same(transfer, stored)
        context = context_of(payload_store(), stored)
        with transaction.atomic():
            _keep(transfer, stored, context)
            may_be_committed = True
    except BaseException:
        # An error after this point may hide a commit that was done, its reply lost: the content
        # stays then, and the nightly sweep removes it if no row knows it.
        if not may_be_committed:
            payload_store().erase(stored.id)
        raise


def _require_same(transfer: Transfer, stored: StoredFile) -> None:
    """Compare with the hash of the delivery that is sent again, where that is known.

    Who picks a file from the cache may pick one that is not the delivery whose name it bears; its
    size in the listing, which the transfer has, told them apart.
    """
    earlier = transfer.resends
    if earlier is None or earlier.size != transfer.size:
        return
    if stored.sha256 != earlier.sha256:
        raise ContentError("cache.other_content", f"It is not what transfer {earlier.pk} brought.")


def _keep(transfer: Transfer, stored: StoredFile, context: Context | None) -> None:
    payload = Payload.objects.create(id=stored.id, size=stored.size, sha256=stored.sha256)
    write_held(transfer, payload=payload, sha256=stored.sha256, **described(context))
    record_of(
        Action.TRANSFER_CONTENT_FETCHED,
        transfer,
        {"from": transfer.content_from, "size": stored.size, "sha256": stored.sha256},
    )
