"""Sixty accounts polled every minute: as many polls as three hundred every five minutes.

A real Celery worker does them, woken through the broker as beat does. CPU is that of the worker and
its children and, with PostgreSQL, of the cluster; the server's own is not the portal's.
"""

import os
import subprocess
import sys
import time
from typing import Any, Final

from bench.line import Limit, Line, Round
from bench.processes import cpu_seconds, family_of
from bench.stand import Database, Stand
from magda_portal.bootstrap import BASE_DIR
from magda_portal.supervisor import ending_with_parent

_INTERVAL: Final = 60
_TICK: Final = 10.0
# The first interval warms up: connections are opened, rows are made.
_MEASURED: Final = 2 * _INTERVAL


class ManyAccounts(Line):
    """CPU seconds a second of the portal, and how late the latest account is."""

    name = "accounts"
    title = "60 accounts polled every minute (as 300 every five), share of one core"
    unit = "cores"
    limits = (Limit(0.30),)
    rounds = 1
    warms_up = False

    def __init__(self, database: Database, *, count: int = 60) -> None:
        super().__init__()
        self.database = database
        self.count = count
        self.latest = 0.0
        self.told: dict[str, Any] = {}

    def set_up(self) -> None:
        names = [f"bench.vlaanderen.be/account-{number}" for number in range(self.count)]
        self.stand = Stand(self.stack, self.database)
        self.stand.start_server(names)
        self.stand.start_workers(1)
        self.accounts = [self.stand.wire(name) for name in names]
        self.celery = self._start_celery()

    def _start_celery(self) -> subprocess.Popen[bytes]:
        """Start a worker as ``make run`` does, of both queues."""
        command = [sys.executable, "-W", "ignore:You're running the worker with superuser"]
        command += ["-m", "celery", "--quiet", "-A", "magda_portal", "worker"]
        command += ["--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
        command += ["--without-heartbeat", "--queues", "rounds,transfers", "--concurrency", "4"]
        with (self.stand.folder / "celery.log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - our own words
                command,
                cwd=BASE_DIR,
                env=self.stand.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=ending_with_parent(),  # noqa: PLW1509 - it only calls the kernel
            )
        self.stack.callback(_end, process)
        return process

    def run(self, who: str, this: Round) -> float:
        self.stand.first.call("spread_polls", accounts=self.accounts, every=_INTERVAL)
        self._tick_for(_INTERVAL)
        began, cpu = time.monotonic(), self._cpu()
        self._tick_for(_MEASURED)
        return (self._cpu() - cpu) / (time.monotonic() - began)

    def _tick_for(self, seconds: float) -> None:
        self.latest = 0.0
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.stand.first.call("dispatch")
            time.sleep(min(_TICK, max(0.0, until - time.monotonic())))
            self.told = self.stand.first.call("lateness")
            self.latest = max(self.latest, self.told["late"])

    def _cpu(self) -> float:
        processes = family_of(self.celery.pid)
        if self.stand.postgresql is not None:
            processes += family_of(self.stand.postgresql.pid)
        return sum(cpu_seconds(process) for process in processes)

    def check(self, who: str, this: Round) -> list[str]:
        found = []
        if self.told["reached"] != self.count:
            found.append(f"Only {self.told['reached']} of {self.count} accounts were looked at.")
        if self.told["troubled"]:
            found.append(f"{self.told['troubled']} accounts are in trouble.")
        if self.latest > _INTERVAL:
            found.append(f"An account was {self.latest:.0f} s late.")
        return found

    def notes(self) -> dict[str, str]:
        return {"latest account": f"{self.latest:.1f} s late"}


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.wait()
