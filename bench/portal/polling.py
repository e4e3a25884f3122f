"""Polls that find nothing new, and whether they come in time."""

import time

from django.db.models import Min
from django.utils import timezone

from bench.portal.transferring import collect_once
from exchange.models import Account
from exchange.tasks import dispatch_due


def poll(account: str, times: int) -> dict[str, float]:
    """Collect so many times; return wall and CPU seconds of them all, and what one asked."""
    began, cpu = time.monotonic(), time.process_time()
    statements = collected = 0
    for _ in range(times):
        told = collect_once(account)
        if told["error"]:
            raise RuntimeError(f"The poll ended with {told['error']}.")
        statements, collected = told["statements"], collected + told["collected"]
    return {
        "seconds": time.monotonic() - began,
        "cpu": time.process_time() - cpu,
        "statements": statements,
        "collected": collected,
    }


def dispatch() -> None:
    """Do what beat has done every ten seconds."""
    dispatch_due.apply_async(expires=10)


def lateness() -> dict[str, float]:
    """Return by how many seconds the latest account is late, and how many were looked at."""
    now = timezone.now()
    first = Account.objects.aggregate(at=Min("next_collection_at"))["at"]
    late = (now - first).total_seconds() if first else 0.0
    reached = Account.objects.filter(last_looked_at__isnull=False).count()
    troubled = Account.objects.exclude(trouble_code="").count()
    return {"late": max(0.0, late), "reached": reached, "troubled": troubled}
