"""The delivery with one, two and four workers: what another worker brings."""

from bench.line import PORTAL, Limit
from bench.lines.deliver import Deliver
from bench.stand import Database


class DeliverWith(Deliver):
    """The same as :class:`Deliver` with fewer workers; it has no limit of its own."""

    def __init__(self, database: Database, *, workers: int, count: int = 500) -> None:
        super().__init__(database, count=count)
        self.name = f"deliver-{workers}-workers"
        self.title = f"deliver 500 x 10 KiB with {workers} workers"
        self.workers = workers
        self.limits: list[Limit] = []
        self.floor = ""

    @property
    def who(self) -> list[str]:
        return [PORTAL]
