"""Deliver and collect as a worker that was woken does."""

import cProfile
import io
import pstats
import time
from typing import Any

from django.db import connection
from django.utils import timezone

from exchange.models import Account
from exchange.services import dispatch
from exchange.services.claims import due_deliveries
from exchange.services.collection import collect

# Seconds between looks of a worker that found all connections of the account in use, and after
# which it gives up: the account is paused then, and the run is void.
_PAUSE = 0.02
_PATIENCE = 20.0


class Counter:
    """Counts statements and commits; given to ``execute_wrapper`` of the connection."""

    def __init__(self) -> None:
        self.statements: dict[str, int] = {}

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        verb = sql.lstrip().split(" ", 1)[0].upper()
        self.statements[verb] = self.statements.get(verb, 0) + 1
        return execute(sql, params, many, context)

    @property
    def total(self) -> int:
        return sum(self.statements.values())


def deliver(account: str) -> dict[str, float]:
    """Do what beat and workers do until nothing of the account is due; return when that was.

    A collection that comes due meanwhile is run, too, as it would be.
    """
    began, cpu = time.monotonic(), time.process_time()
    attempted, idle_since = 0, began
    while time.monotonic() - idle_since < _PATIENCE:
        row = _account(account)
        if done := dispatch.deliver_due(row):
            attempted, idle_since = attempted + len(done), time.monotonic()
        now = timezone.now()
        if dispatch.accounts_with_due_collection(now).filter(pk=account).exists():
            collect(row)
        if not row.transfers.filter(due_deliveries(now)).exists():
            break
        if not done:
            time.sleep(_PAUSE)
    return {
        "began": began,
        "ended": time.monotonic(),
        "cpu": time.process_time() - cpu,
        "attempted": attempted,
    }


def collect_once(account: str) -> dict[str, Any]:
    """Collect the account now; return how long it took, in wall time and CPU time."""
    row, counter = _account(account), Counter()
    began, cpu = time.monotonic(), time.process_time()
    with connection.execute_wrapper(counter):
        result = collect(row, even_when_paused=True)
    return {
        "began": began,
        "ended": time.monotonic(),
        "cpu": time.process_time() - cpu,
        "statements": counter.total,
        "collected": len(result.collected),
        "error": result.error_code or ", ".join(result.failed),
    }


def profile(work: str, account: str) -> dict[str, Any]:
    """Deliver or collect under a profiler; return statements by verb and the costliest calls."""
    act = {"deliver": deliver, "collect": collect_once}[work]
    counter, profiler = Counter(), cProfile.Profile()
    with connection.execute_wrapper(counter):
        profiler.enable()
        act(account)
        profiler.disable()
    shown: dict[str, str] = {}
    for order in ("tottime", "cumulative"):
        text = io.StringIO()
        pstats.Stats(profiler, stream=text).sort_stats(order).print_stats(45)
        shown[order] = text.getvalue()
    return {"statements": counter.statements, **shown}


def _account(account: str) -> Account:
    # As exchange.tasks loads it.
    return Account.objects.select_related("identity__organisation", "identity__current").get(
        pk=account
    )
