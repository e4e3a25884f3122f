"""``make run`` on a data folder that was used before, until the first page."""

import tempfile
from pathlib import Path
from shutil import rmtree

from bench.line import Limit, Line, Round
from bench.web import RunningPortal


class WarmStart(Line):
    """From the command to the login page; the round that warms up makes the data folder."""

    name = "make-run"
    title = "make run, warm, to the first page"
    limits = (Limit(5.0),)

    def set_up(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="bench-"))
        self.stack.callback(rmtree, self.folder, ignore_errors=True)

    def run(self, who: str, this: Round) -> float:
        with RunningPortal(self.folder / "data") as portal:
            return portal.seconds_to_first_page

    def check(self, who: str, this: Round) -> list[str]:
        return []
