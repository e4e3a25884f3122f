"""Pages at a million transfers against the same pages at a thousand."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Final

from bench.line import PORTAL, Limit, Line, Round
from bench.portal.process import PortalProcess
from bench.stand import Database, Stand
from magda_portal.bootstrap import BASE_DIR

FEW: Final = "1,000 transfers"
CLERK: Final = "klerk@bench.example"
HELPDESK: Final = "helpdesk@bench.example"
_TIMES: Final = 10
# Tables that grow with history; the others are read whole, and fit on a page or two.
_GROWING: Final = (
    "exchange_transfer", "exchange_transferattempt", "exchange_payload", "exchange_remotefile",
    "audit_auditevent",
)  # fmt: skip
PAGES: Final = {
    "overview": "/",
    "history": "/transfers/",
    "history of failures": "/transfers/?state=FAILED",
    "history by reference": "/transfers/?referte=REF-000000042",
    "history by name and day": "/transfers/?name=vraag&direction=DELIVERY",
    "inbox": "/inbox/",
    "new in the inbox": "/inbox/?read=new",
}


@dataclass
class Histories:
    """A database with much history and one with little, shared by all pages."""

    stack: ExitStack
    database: Database
    transfers: int = 1_000_000
    events: int = 5_000_000
    _processes: dict[str, PortalProcess] = field(default_factory=dict)

    def process(self, who: str) -> PortalProcess:
        """Return the process that shows the pages; the first call fills its database."""
        if who not in self._processes:
            few = (1_000, 5_000)
            count, events = (self.transfers, self.events) if who == PORTAL else few
            stand = Stand(self.stack, self.database)
            command = [sys.executable, "-m", "bench.seed"]
            command += ["--transfers", str(count), "--events", str(events)]
            subprocess.run(  # noqa: S603 - our own words
                command, cwd=BASE_DIR, env=stand.environ, check=True, stderr=subprocess.DEVNULL
            )
            (process,) = stand.start_workers(1)
            for email in (CLERK, HELPDESK):
                process.call("log_in", email=email)
            self._processes[who] = process
        return self._processes[who]


class Page(Line):
    """One page for one person; the database's CPU time counts as well."""

    unit = "CPU s"
    limits = (Limit(1.5, FEW),)

    def __init__(self, histories: Histories, name: str, path: str, email: str) -> None:
        super().__init__()
        self.histories = histories
        visitor = email.partition("@")[0]
        self.name = f"pages: {name} ({visitor})"
        self.title = f"{name}, for the {visitor}, at {histories.transfers:,} transfers"
        self.path = path
        self.email = email
        self.told: dict[str, Any] = {}

    def set_up(self) -> None:
        for who in self.who:
            self.histories.process(who)

    def run(self, who: str, this: Round) -> float:
        process = self.histories.process(who)
        self.told[who] = process.call("show_page", email=self.email, path=self.path, times=_TIMES)
        return float(self.told[who]["cpu"])

    def check(self, who: str, this: Round) -> list[str]:
        return []

    def notes(self) -> dict[str, str]:
        told = self.histories.process(PORTAL).call("plans", email=self.email, path=self.path)
        scans = [scan for scan in told["scans"] if scan.removeprefix("SCAN ") in _GROWING]
        return {
            "queries": str(told["queries"]),
            "milliseconds by EXPLAIN ANALYZE": f"{told['milliseconds']:.1f}",
            "whole tables read": ", ".join(sorted(set(scans))) or "none",
            "milliseconds a page": f"{self.told[PORTAL]['seconds'] * 1000:.1f}",
        }


def page_lines(histories: Histories) -> Iterator[Page]:
    """Yield each page for a clerk of the largest organisation, and for the helpdesk."""
    for name, path in PAGES.items():
        for email in (CLERK, HELPDESK):
            yield Page(histories, name, path, email)
