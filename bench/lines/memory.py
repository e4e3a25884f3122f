"""Memory while 1 GiB passes through a worker or the web server: above what it holds when idle."""

import tempfile
import time
from pathlib import Path
from shutil import rmtree
from typing import Final

from bench.contents import Expected, lay_files, lay_large_file
from bench.line import PORTAL, Limit, Line, Round
from bench.lines.large import GIB, LargeLine
from bench.portal.process import PortalProcess
from bench.resident import peak, reset_peak, resident
from bench.stand import PORTAL_ACCOUNT, memory_folder
from bench.web import Browser, RunningPortal

# The file itself, what comes of its upload, the store's copy, and the practice MAGDA's.
_COPIES: Final = 5
_CLERK: Final = "clerk@demo.example"


class WorkerMemory(LargeLine):
    """A delivery and a collection of 1 GiB, in a worker that moved small files before."""

    name = "memory-worker"
    title = "memory of a worker during 1 GiB up and 1 GiB down, above idle"
    unit = "MiB"
    limits = (Limit(32.0),)
    rounds = 3

    def set_up(self) -> None:
        super().set_up()
        # What any work loads is no part of what a large file costs.
        self.stand.first.call("queue", account=self.account, prefix="klein", count=5, size=2048)
        self.stand.first.call("deliver", account=self.account)
        small = Expected.numbered("klein", 5, 2048)
        lay_files(self.stand.home(PORTAL_ACCOUNT) / "from_vip", small)
        self.stand.first.call("collect", account=self.account)
        self.complaints: list[str] = []

    def run(self, who: str, this: Round) -> float:
        self.clear()
        self.queue_large()
        up = self._peak_of("deliver")
        self.complaints = self.check_portal("check_delivered", "to_vip")
        self.clear()
        self.lay_large(PORTAL)
        down = self._peak_of("collect")
        self.complaints += self.check_portal("check_collected", "cache/from_vip")
        self.told = {"up": f"{up:.1f} MiB", "down": f"{down:.1f} MiB"}
        return max(up, down)

    def _peak_of(self, act: str) -> float:
        idle = float(self.stand.first.call("idle_memory"))
        self.took(act)
        return float(self.stand.first.call("peak_memory")) - idle

    def check(self, who: str, this: Round) -> list[str]:
        return self.complaints

    def notes(self) -> dict[str, str]:
        return {**super().notes(), **self.told}


class WebMemory(Line):
    """An upload as the send page makes it, and a download; `make run` starts the portal."""

    name = "memory-web"
    title = "memory of the web process during 1 GiB up and 1 GiB down, above idle"
    unit = "MiB"
    limits = (Limit(32.0),)
    rounds = 3
    warms_up = False

    def __init__(self, *, size: int = GIB) -> None:
        super().__init__()
        self.size = size
        self.sizes: list[int] = []

    def set_up(self) -> None:
        self.folder = Path(
            tempfile.mkdtemp(prefix="bench-", dir=memory_folder(_COPIES * self.size))
        )
        self.stack.callback(rmtree, self.folder, ignore_errors=True)
        self.portal = self.stack.enter_context(RunningPortal(self.folder / "data"))
        self.side = PortalProcess(
            {**self.portal.environ, "DJANGO_SETTINGS_MODULE": "magda_portal.settings"},
            log=self.folder / "portal.log",
        )
        self.stack.callback(self.side.end)
        self.account = str(self.side.call("practice_account"))
        self.browser = Browser(self.portal.port, self.side.call("session_of", email=_CLERK))
        self.large, small = self.folder / "groot.bin", self.folder / "klein.bin"
        lay_large_file(self.large, self.size)
        lay_large_file(small, 3 * 1024**2)
        # What any request loads is no part of what a large one costs.
        for _ in range(3):
            self._both_ways(small)

    def run(self, who: str, this: Round) -> float:
        web = self.portal.web_process
        # What the round before left behind is no idle memory of this one.
        idle = resident(web)
        reset_peak(web)
        self._both_ways(self.large)
        self.told = {"idle": f"{idle:.1f} MiB", "peak": f"{peak(web):.1f} MiB"}
        return peak(web) - idle

    def _both_ways(self, file: Path) -> None:
        name = f"{file.stem}-{time.monotonic_ns()}.bin"
        self.browser.upload(self.account, name, file)
        sent = f"vraag-{name}"
        key = self.side.call("queue_file", account=self.account, name=sent, path=str(file))
        self.sizes.append(self.browser.download(f"/transfers/{key}/content/"))

    def check(self, who: str, this: Round) -> list[str]:
        came = self.sizes[-1]
        return [] if came == self.size else [f"{came} of {self.size} bytes came down."]

    def notes(self) -> dict[str, str]:
        return self.told
