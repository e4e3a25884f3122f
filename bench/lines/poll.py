"""Polls that find nothing new, and a new file among many known ones: CPU, not wall time."""

import time
from typing import Any, Final

from bench.line import PORTAL, Limit, Line, Round
from bench.peers.raw_pycurl import RawConnections
from bench.stand import FLOOR_ACCOUNT, PEER_ACCOUNT, PORTAL_ACCOUNT, Database, Stand
from exchange.tests.servers.proftpd import writable

LISTING: Final = "pycurl's bare listing"
SMALL_FOLDER: Final = "a folder of 10"
PREFIX: Final = "publicatie"
_TIMES: Final = 20
# What one statement of the ledger takes at once.
_NAMES_A_QUERY: Final = 500


def lay_publications(stand: Stand, account: str, first: int, last: int) -> None:
    """Lay small files into the public folder, which is only read: they stay known."""
    folder = stand.home(account) / "public"
    with writable(folder):
        for number in range(first, last):
            (folder / f"{PREFIX}-{number:06}.xml").write_bytes(b"<publicatie/>")


class IdlePoll(Line):
    """Collections of an account with nothing new, in a process that lives on."""

    name = "poll"
    title = "poll of an account with nothing new, a folder of 1,000 known files"
    unit = "CPU s"
    limits = (Limit(1.5, LISTING),)

    def __init__(self, database: Database, *, known: int = 1000) -> None:
        super().__init__()
        self.database = database
        self.known = known
        self.told: dict[str, Any] = {}

    def set_up(self) -> None:
        self.stand = Stand(self.stack, self.database)
        self.server = self.stand.start_server()
        self.stand.start_workers(1)
        self.account = self.stand.wire()
        self.stand.first.call("subscribe", account=self.account, prefix=PREFIX)
        for account in (PORTAL_ACCOUNT, FLOOR_ACCOUNT):
            lay_publications(self.stand, account, 0, self.known)
        fetched = self.stand.first.call("collect", account=self.account)
        if fetched["collected"] != self.known:
            raise RuntimeError(f"{fetched['collected']} of {self.known} files became known.")
        credentials = self.stand.credentials(FLOOR_ACCOUNT)
        self.raw = self.stack.enter_context(RawConnections(credentials, 1))

    def run(self, who: str, this: Round) -> float:
        if who == PORTAL:
            self.told = self.stand.first.call("poll", account=self.account, times=_TIMES)
            return float(self.told["cpu"]) / _TIMES
        cpu = time.process_time()
        # What the portal has to look at, too: the answers and the publications.
        self.listings = [
            self.raw.listing(folder) for _ in range(_TIMES) for folder in ("from_vip", "public")
        ]
        return (time.process_time() - cpu) / _TIMES

    def check(self, who: str, this: Round) -> list[str]:
        if who == PORTAL:
            new = self.told["collected"]
            return [f"{new} files were new to the poll."] if new else []
        names = self.listings[-1].count(PREFIX.encode())
        return [] if names == self.known else [f"The listing shows {names} files."]

    def notes(self) -> dict[str, str]:
        return {
            "statements a poll": str(self.told["statements"]),
            "milliseconds a poll": f"{self.told['seconds'] / _TIMES * 1000:.1f}",
        }


class NewAmongKnown(Line):
    """One new file in a folder of 10,000 that are known, and in a folder of 10."""

    name = "10000-known"
    title = "one new file in a folder of 10,000 known ones"
    unit = "CPU s"
    limits = (Limit(10.0, SMALL_FOLDER),)

    def __init__(self, database: Database, *, known: int = 10_000) -> None:
        super().__init__()
        self.database = database
        self.known = {PORTAL: known, SMALL_FOLDER: 10}
        self.homes = {PORTAL: PORTAL_ACCOUNT, SMALL_FOLDER: PEER_ACCOUNT}
        self.accounts: dict[str, str] = {}
        self.told: dict[str, dict[str, Any]] = {}

    def set_up(self) -> None:
        self.stand = Stand(self.stack, self.database)
        self.stand.start_server()
        self.stand.start_workers(1)
        for who, name in self.homes.items():
            self.accounts[who] = self.stand.wire(name)
            self.stand.first.call("subscribe", account=self.accounts[who], prefix=PREFIX)
            lay_publications(self.stand, name, 0, self.known[who])
            self.stand.first.call("collect", account=self.accounts[who])

    def prepare(self, who: str, this: Round) -> None:
        self.known[who] += 1
        lay_publications(self.stand, self.homes[who], self.known[who] - 1, self.known[who])

    def run(self, who: str, this: Round) -> float:
        self.told[who] = self.stand.first.call("collect", account=self.accounts[who])
        return float(self.told[who]["cpu"])

    def check(self, who: str, this: Round) -> list[str]:
        told = self.told[who]
        found = [] if told["collected"] == 1 else [f"{told['collected']} files were collected."]
        return found + ([told["error"]] if told["error"] else [])

    def notes(self) -> dict[str, str]:
        many, few = (int(self.told[who]["statements"]) for who in (PORTAL, SMALL_FOLDER))
        allowed = -(-self.known[PORTAL] // _NAMES_A_QUERY)
        return {
            "statements": f"{many}, {few} with ten files",
            "at most one more for each 500 names": "yes" if many - few <= allowed else "NO",
        }
