"""Collect 500 files of 10 KiB: fetched, hashed, durable, entered, moved to the cache folder."""

import shutil
import time

from bench.contents import Expected, lay_files
from bench.line import PORTAL, Limit, Round
from bench.lines.moving import LFTP, RAW, SIZE, MovingLine
from bench.oracle.dialogue import collections_without_check
from bench.peers import lftp
from bench.stand import Database


class Collect(MovingLine):
    """One collection of the portal against lftp's mirror with renames, and bare libcurl."""

    name = "collect"
    title = "collect 500 x 10 KiB: fetch, hash, fsync, row, audit, move to the cache"
    limits = (Limit(0.25, LFTP), Limit(2.0, RAW))
    workers = 1

    def __init__(self, database: Database, *, count: int = 500) -> None:
        super().__init__(database, count=count)
        self.cpu: list[float] = []

    def prepare(self, who: str, this: Round) -> None:
        prefix = f"antwoord-{who.replace(' ', '-')}-{this.number}-{time.monotonic_ns()}"
        self.files = Expected.numbered(prefix, self.count, SIZE)
        for folder in ("from_vip", "cache/from_vip"):
            for path in (self.home(who) / folder).iterdir():
                path.unlink()
        lay_files(self.home(who) / "from_vip", self.files)
        if who == PORTAL:
            self.stand.first.call("rest", account=self.account)
        else:
            shutil.rmtree(self.local(who, this), ignore_errors=True)

    def run(self, who: str, this: Round) -> float:
        if who == PORTAL:
            told = self.stand.first.call("collect", account=self.account)
            self.cpu.append(told["cpu"])
            return float(told["ended"] - told["began"])
        names = [file.name for file in self.files]
        local = self.local(who, this)
        if who == RAW:
            return self.raw.fetch(names, "from_vip", local, then_to="cache/from_vip")
        began = time.monotonic()
        lftp.fetch_folder(self.lftp, "from_vip", local, then_to="cache/from_vip", names=names)
        return time.monotonic() - began

    def check(self, who: str, this: Round) -> list[str]:
        found = self.complaints_of_folder(self.home(who) / "cache/from_vip")
        found += [f"{path.name} was left." for path in (self.home(who) / "from_vip").iterdir()]
        if who == PORTAL:
            names = [file.name for file in self.files]
            found += collections_without_check(self.server.sessions(), names)
            found += self.complaints_of_rows("check_collected")
        else:
            found += self.complaints_of_folder(self.local(who, this))
        return found

    def notes(self) -> dict[str, str]:
        middle = sorted(self.cpu)[len(self.cpu) // 2] if self.cpu else 0.0
        return {"CPU seconds of the worker": f"{middle:.2f}"}
