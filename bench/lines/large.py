"""One file of 1 GiB, up and down, on one file system: in memory where that has room."""

import shutil
import time
from pathlib import Path
from typing import Any, Final

from bench.contents import Expected, lay_large_file
from bench.line import PORTAL, Limit, Line, Round
from bench.oracle.files import complaints_about
from bench.peers import curl
from bench.stand import PEER_ACCOUNT, PORTAL_ACCOUNT, Database, Stand, memory_folder

GIB: Final = 1024**3
CURL: Final = "curl"
# The file itself, the store's copy, and one on the server for each.
_COPIES: Final = 5
# curl 7.88 does not resume sessions for uploads under TLS 1.3.
SERVER: Final = "TLSOptions NoSessionReuseRequired\n"
HOMES: Final = {PORTAL: PORTAL_ACCOUNT, CURL: PEER_ACCOUNT}


class LargeLine(Line):
    """A stand with one worker, and one large file."""

    def __init__(self, database: Database, *, size: int = GIB) -> None:
        super().__init__()
        self.database = database
        self.size = size

    def set_up(self) -> None:
        below = memory_folder(_COPIES * self.size)
        self.where = "in memory" if below else "on disk"
        self.stand = Stand(self.stack, self.database, below=below)
        self.stand.start_server(extra=SERVER)
        self.stand.start_workers(1)
        self.account = self.stand.wire()
        self.curl = self.stand.credentials(PEER_ACCOUNT)
        self.source = self.stand.folder / "source" / "groot.bin"
        self.sha256 = lay_large_file(self.source, self.size)
        self.name_now = ""

    def new_name(self) -> Expected:
        """Name the file of the next run: no name is sent twice."""
        self.name_now = f"groot-{time.monotonic_ns()}.bin"
        return self.expected

    @property
    def expected(self) -> Expected:
        return Expected(self.name_now, self.size, self.sha256)

    def clear(self) -> None:
        """Remove what earlier runs left, on both sides."""
        self.stand.first.call("rest", account=self.account)
        self.stand.first.call("forget_contents", account=self.account)
        for name in HOMES.values():
            self.stand.empty(name, "to_vip", "from_vip", "cache/from_vip")
        shutil.rmtree(self.local, ignore_errors=True)
        self.local.mkdir()

    @property
    def local(self) -> Path:
        return self.stand.folder / "local"

    def queue_large(self) -> None:
        """Queue the large file; its copy into the store is not timed."""
        self.stand.first.call(
            "queue_file", account=self.account, name=self.new_name().name, path=str(self.source)
        )

    def lay_large(self, who: str) -> None:
        """Lay the large file ready at MAGDA."""
        target = self.stand.home(HOMES[who]) / "from_vip" / self.new_name().name
        shutil.copyfile(self.source, target)

    def took(self, act: str) -> float:
        told: dict[str, Any] = self.stand.first.call(act, account=self.account)
        return float(told["ended"] - told["began"])

    def check_portal(self, act: str, folder: str) -> list[str]:
        file = {"name": self.name_now, "size": self.size, "sha256": self.sha256}
        found: list[str] = self.stand.first.call(act, account=self.account, files=[file])
        return found + list(
            complaints_about(self.stand.home(PORTAL_ACCOUNT) / folder, [self.expected])
        )

    def notes(self) -> dict[str, str]:
        return {"files": self.where}


class LargeUp(LargeLine):
    """Deliver 1 GiB, hashed on the way, against curl's upload with a rename."""

    name = "1GiB-up"
    title = "deliver one file of 1 GiB"
    limits = (Limit(1.1, CURL),)

    def prepare(self, who: str, this: Round) -> None:
        self.clear()
        if who == PORTAL:
            self.queue_large()
        else:
            self.new_name()

    def run(self, who: str, this: Round) -> float:
        if who == PORTAL:
            return self.took("deliver")
        began = time.monotonic()
        curl.send_file(self.curl, self.source, f"to_vip/{self.name_now}")
        return time.monotonic() - began

    def check(self, who: str, this: Round) -> list[str]:
        if who == PORTAL:
            return self.check_portal("check_delivered", "to_vip")
        return list(complaints_about(self.stand.home(PEER_ACCOUNT) / "to_vip", [self.expected]))


class LargeDown(LargeLine):
    """Collect 1 GiB, hashed on the fly and kept, against curl's download."""

    name = "1GiB-down"
    title = "collect one file of 1 GiB, hashed on the fly and kept"
    limits = (Limit(1.2, CURL),)

    def prepare(self, who: str, this: Round) -> None:
        self.clear()
        self.lay_large(who)

    def run(self, who: str, this: Round) -> float:
        if who == PORTAL:
            return self.took("collect")
        began = time.monotonic()
        curl.fetch_file(self.curl, f"from_vip/{self.name_now}", self.local / self.name_now)
        return time.monotonic() - began

    def check(self, who: str, this: Round) -> list[str]:
        if who == PORTAL:
            return self.check_portal("check_collected", "cache/from_vip")
        return list(complaints_about(self.local, [self.expected]))
