"""Deliver 500 files of 10 KiB: from the first claim until nothing is due."""

import shutil
import time

from bench.contents import Expected, lay_files
from bench.line import PORTAL, Limit, Round
from bench.lines.moving import LFTP, RAW, SIZE, MovingLine
from bench.oracle.dialogue import deliveries_without_check
from bench.peers import lftp
from bench.portal.process import all_at_once
from bench.stand import PORTAL_ACCOUNT, Database


class Deliver(MovingLine):
    """The portal's workers against lftp's mirror and against bare libcurl."""

    name = "deliver"
    title = "deliver 500 x 10 KiB, checked, with attempts and audit rows"

    def __init__(self, database: Database, *, count: int = 500) -> None:
        super().__init__(database, count=count)
        against_lftp = 0.6 if database is Database.SQLITE else 0.7
        self.limits = [Limit(against_lftp, LFTP), Limit(2.0, RAW)]
        self.cpu: list[float] = []

    def prepare(self, who: str, this: Round) -> None:
        prefix = f"vraag-{who.replace(' ', '-')}-{this.number}-{time.monotonic_ns()}"
        self.files = Expected.numbered(prefix, self.count, SIZE)
        if who == PORTAL:
            self.stand.empty(PORTAL_ACCOUNT, "to_vip")
            self.stand.first.call("rest", account=self.account)
            self.stand.first.call(
                "queue", account=self.account, prefix=prefix, count=self.count, size=SIZE
            )
        else:
            for path in (self.home(who) / "to_vip").iterdir():
                path.unlink()
            shutil.rmtree(self.local(who, this), ignore_errors=True)
            lay_files(self.local(who, this), self.files)

    def run(self, who: str, this: Round) -> float:
        if who == PORTAL:
            told = all_at_once(self.stand.workers, "deliver", account=self.account)
            self.cpu.append(sum(each["cpu"] for each in told))
            # A worker that found nothing to do may end first; the last one ends the run.
            return float(max(each["ended"] for each in told) - min(each["began"] for each in told))
        if who == RAW:
            return self.raw.send(sorted(self.local(who, this).iterdir()), "to_vip")
        began = time.monotonic()
        lftp.send_folder(self.lftp, self.local(who, this), "to_vip")
        return time.monotonic() - began

    def check(self, who: str, this: Round) -> list[str]:
        found = self.complaints_of_folder(self.home(who) / "to_vip")
        if who == PORTAL:
            names = [file.name for file in self.files]
            found += deliveries_without_check(self.server.sessions(), names)
            found += self.complaints_of_rows("check_delivered")
        elif who == LFTP:
            renames = self.server.commands("RNTO")
            found += [
                f"lftp did not rename {file.name}."
                for file in self.files[:1]
                if not any(line.endswith(f"{file.name} => 250") for line in renames)
            ]
        return found

    def notes(self) -> dict[str, str]:
        middle = sorted(self.cpu)[len(self.cpu) // 2] if self.cpu else 0.0
        return {"CPU seconds of the workers": f"{middle:.2f}"}
