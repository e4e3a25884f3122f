"""What Celery wakes up. Each task loads by id and calls one service; the database is the queue."""

import logging
from functools import partial

from celery import Task, shared_task
from django.db import transaction
from django.utils import timezone

from certificates.services.watch import forget_sightings
from exchange.models import Account
from exchange.services import (
    alerts,
    deadlines,
    dispatch,
    notifications,
    renewal,
    retention,
    server_watch,
    signs_of_life,
    stalled,
    step_backs,
)
from exchange.services.collection import collect
from magda_portal.web.liveness import Part

logger = logging.getLogger(__name__)

# Seconds. While every worker is busy, the rounds would pile up nudges that say the same.
NUDGE_LIFETIME = 120


@shared_task
def work_account(account_id: str) -> None:
    """Deliver what is due of one account."""
    dispatch.deliver_due(_account(account_id))


@shared_task
def collect_account(account_id: str) -> None:
    """Collect one account."""
    collect(_account(account_id))


@shared_task
def dispatch_due() -> None:
    """Wake a worker for each account that has something due."""
    now = timezone.now()
    renewal.resume_mended_accounts(now=now)
    for account in dispatch.accounts_with_due_deliveries(now):
        work_account.apply_async((str(account.pk),), expires=NUDGE_LIFETIME)
    for account in dispatch.accounts_with_due_collection(now):
        collect_account.apply_async((str(account.pk),), expires=NUDGE_LIFETIME)


@shared_task
def show_life(part: str) -> None:
    """Show that the worker of this queue is alive."""
    signs_of_life.show_life(Part(part), now=timezone.now())


@shared_task
def free_stalled() -> None:
    """Queue again what workers that went away left behind."""
    now = timezone.now()
    stalled.free_stalled_transfers(now=now)
    retention.release_dead_leases()


@shared_task
def send_alerts() -> None:
    """Tell people of accounts in trouble, and of new certificates that were rejected."""
    now = timezone.now()
    alerts.send_trouble_alerts(now=now)
    step_backs.send_step_back_alerts(now=now)


@shared_task
def sound_alarms() -> None:
    """Tell people of files that MAGDA is about to remove, and of accounts that nobody looks at."""
    now = timezone.now()
    notifications.note_files_at_risk(now=now)
    deadlines.sound_alarms(now=now)
    alerts.send_sight_alarms(now=now)


@shared_task
def send_notifications() -> None:
    """Tell each person what they chose to hear of, at once or in the daily mail."""
    now = timezone.now()
    notifications.note_events(now=now)
    notifications.send_notifications(now=now)


@shared_task
def watch_servers() -> None:
    """Look at the servers that are due, and tell people of what alarms."""
    server_watch.watch_servers(now=timezone.now())


@shared_task
def clean_up() -> None:
    """Erase what is past its retention, sweep the store, forget old sightings of servers."""
    now = timezone.now()
    steps = (
        partial(retention.erase_expired_payloads, now=now),
        partial(retention.free_names, now=now),
        partial(retention.erase_abandoned_uploads, now=now),
        retention.sweep_store,
        partial(forget_sightings, now=now),
        partial(notifications.forget_notices, now=now),
    )
    for step in steps:
        try:
            step()
        except Exception:
            # The others are worth doing all the same; tomorrow this one is tried again.
            logger.exception("A step of the clean-up failed.")


def nudge_delivery(account: Account) -> None:
    """Wake a worker once this transaction is committed.

    A broker that is away costs seconds only: the next ``dispatch_due`` finds the work anyway.
    """
    transaction.on_commit(lambda: _send(work_account, account), robust=True)


def nudge_watch() -> None:
    """Like :func:`nudge_delivery`, for the look at the servers that are due."""
    transaction.on_commit(_send_watch, robust=True)


def nudge_collection(account: Account) -> None:
    """Like :func:`nudge_delivery`, for a collection."""
    transaction.on_commit(lambda: _send(collect_account, account), robust=True)


def _send(task: "Task[[str], None]", account: Account) -> None:
    try:
        task.delay(str(account.pk))
    except (task.OperationalError, OSError):
        logger.warning("The broker is away; account %s waits for the next round.", account.pk)


def _send_watch() -> None:
    try:
        watch_servers.delay()
    except (watch_servers.OperationalError, OSError):
        logger.warning("The broker is away; the servers wait for the next round.")


def _account(account_id: str) -> Account:
    return Account.objects.select_related("identity__organisation", "identity__current").get(
        pk=account_id
    )
