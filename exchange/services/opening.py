"""Open the content of a transfer for somebody who may read it; the history keeps who did."""

from datetime import datetime
from typing import BinaryIO

from django.db import transaction

from exchange.errors import StateError
from exchange.filenames import shown
from exchange.models import Payload, Transfer
from exchange.storage import PayloadMissingError, payload_store
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Subject, record


@transaction.atomic
def open_content(transfer: Transfer, *, actor: Actor, now: datetime) -> BinaryIO:
    """Return the content for reading; its retention counts from the first time.

    Raises StateError: ``payload.not_fetched`` when it was to come from MAGDA's cache and never came
    here, ``payload.erased`` when its retention is over, ``payload.missing`` when the store doesn't
    have it. The caller has checked that ``actor`` may read it.
    """
    payload = transfer.payload
    if payload is None:
        raise StateError("payload.not_fetched")
    if payload.erased_at is not None:
        raise StateError("payload.erased")
    try:
        content = payload_store().open(payload.id)
    except PayloadMissingError as exc:
        raise StateError("payload.missing", str(exc)) from exc
    unopened = Payload.objects.filter(pk=payload.pk, first_opened_at=None)
    unopened.update(first_opened_at=now)
    record(
        Action.TRANSFER_OPENED,
        actor=actor,
        organisation_id=transfer.account.organisation.pk,
        subject=Subject.row(transfer, shown(transfer.final_name)),
        details={"sha256": transfer.sha256},
    )
    return content
