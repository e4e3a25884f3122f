"""Erase contents when their time is over; rows and hashes stay."""

import logging
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from exchange.models import Account, Payload, Transfer, Upload
from exchange.models.transfer import Direction, State
from exchange.remote import RETENTION
from exchange.services.lease_clock import is_over
from exchange.services.troubles import PORTAL
from exchange.services.uploads import UPLOAD_RETENTION, discard
from exchange.storage import PayloadStore, payload_store
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Subject, record

logger = logging.getLogger(__name__)

# SQLite takes a limited number of parameters in one statement.
AT_ONCE = 500
UNFINISHED_AFTER_SECONDS = 24 * 3600.0


def erase_expired_payloads(*, now: datetime) -> int:
    """Erase contents kept long enough since delivery or first opening; return how many.

    A collected file that nobody opened is never erased.
    """
    erased = 0
    for transfer in _expired(now).select_related("payload", "account__identity__organisation"):
        if transfer.payload is not None:
            _erase(transfer, transfer.payload, now)
            erased += 1
    return erased


def free_names(*, now: datetime) -> int:
    """Let go of names whose two weeks are over; return how many.

    No events: it follows from the date of each delivery's own event, and changes nothing that
    anybody reads in its history.
    """
    return Transfer.objects.filter(
        holds_name=True, state=State.DONE, finished_at__lt=now - RETENTION
    ).update(holds_name=False)


def erase_abandoned_uploads(*, now: datetime) -> int:
    """Erase uploads that nobody sent within a day, and forget those that were; return how many.

    A sent one is a transfer since, which has its content and tells its history.
    """
    old = Upload.objects.filter(touched_at__lt=now - UPLOAD_RETENTION)
    erased = 0
    unsent = old.exclude(state=Upload.State.SENT).select_related("account__identity__organisation")
    for upload in unsent:
        erased += discard(upload, actor=PORTAL, action=Action.UPLOAD_ERASED)
    return erased + old.filter(state=Upload.State.SENT).delete()[0]


def sweep_store() -> int:
    """Remove files in the store that no row refers to; return how many.

    A crash between keeping a file and committing its row leaves one, and so does one between
    noting that a content is erased and erasing it. A day of grace lets uploads that are under way
    finish.
    """
    store = payload_store()
    removed = store.sweep_unfinished(older_than_seconds=UNFINISHED_AFTER_SECONDS)
    strays = store.stray_files(older_than_seconds=UNFINISHED_AFTER_SECONDS)
    while candidates := list(islice(strays, AT_ONCE)):
        in_use = Payload.objects.filter(pk__in=candidates, erased_at=None)
        # Of any state: one that is sent at this moment is a payload only after the first question.
        uploads = Upload.objects.filter(pk__in=candidates)
        known = {*in_use.values_list("pk", flat=True), *uploads.values_list("pk", flat=True)}
        for file_id in set(candidates) - known:
            removed += _sweep(store, file_id)
    return removed


def _sweep(store: PayloadStore, file_id: UUID) -> int:
    try:
        store.erase(file_id)
    except OSError:
        # One file that can't be removed must not keep the others.
        logger.exception("The stray file %s could not be removed.", file_id)
        return 0
    return 1


def _expired(now: datetime) -> QuerySet[Transfer]:
    before = now - timedelta(days=settings.PAYLOAD_RETENTION_DAYS)
    sent = Q(
        direction=Direction.DELIVERY,
        state__in=[State.DONE, State.FAILED, State.CANCELLED],
        finished_at__lt=before,
    )
    read = Q(direction=Direction.COLLECTION, payload__first_opened_at__lt=before)
    return Transfer.objects.filter(sent | read, payload__erased_at=None, payload__isnull=False)


def _erase(transfer: Transfer, payload: Payload, now: datetime) -> None:
    """Say so first: an erased file whose row still promises it would be worse than a stray one."""
    with transaction.atomic():
        if not Payload.objects.filter(pk=payload.pk, erased_at=None).update(erased_at=now):
            return
        record(
            Action.PAYLOAD_ERASED,
            actor=PORTAL,
            organisation_id=transfer.account.organisation.pk,
            subject=Subject.row(transfer),
        )
    payload_store().erase(payload.pk)


def release_dead_leases() -> int:
    """Free accounts whose collecting worker went away; return how many."""
    return Account.objects.filter(is_over("collection_lease_until")).update(
        collection_lease_until=None
    )
