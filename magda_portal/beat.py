"""Beat as the portal runs it: a full disk or a broker that is away costs rounds, never beat itself.

Celery's own scheduler ends when it can't write down when each job ran last, and then nobody finds
work any more.
"""

import dbm
import dbm.dumb
import logging
import shelve
from typing import Any

from celery.beat import PersistentScheduler, SchedulingError

logger = logging.getLogger(__name__)


class Scheduler(PersistentScheduler):
    """Differs from Celery's in what it survives, and in saying it in one line."""

    schedule_filename: str

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        try:
            self.apply_async(entry, producer=producer, advance=False)
        except SchedulingError as exc:
            logger.warning("%s", " ".join(str(exc).split()))

    def _open_schedule(self) -> "shelve.Shelf[Any]":
        """Open the schedule in files that are written, and so tell when the disk is full.

        Python takes what database library it finds. One of them, gdbm, maps its file into memory:
        on a full disk it says nothing, or ends the process.
        """
        # Celery keeps it open as long as beat runs, and closes it.
        files: Any = dbm.dumb.open(self.schedule_filename, "c")  # noqa: SIM115  # see above
        return shelve.Shelf(files, writeback=True)

    def setup_schedule(self) -> None:
        try:
            super().setup_schedule()
        except dbm.error as exc:
            logger.warning("Beat can't write, and keeps its schedule in memory: %s", exc)
            self._store: shelve.Shelf[Any] = shelve.Shelf({}, writeback=True)
            self._store["entries"] = {}
            self.merge_inplace(self.app.conf.beat_schedule)
            self.install_default_entries(self.schedule)

    def sync(self) -> None:
        """Write down when each job ran last; without it the next start may run one twice."""
        try:
            super().sync()
        except dbm.error as exc:
            logger.warning("When each job ran last could not be written down: %s", exc)
