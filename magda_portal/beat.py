"""Beat as the portal runs it: a full disk or a broker that is away costs rounds, never beat itself.

Celery's own scheduler ends when it can't write down when each job ran last, and then nobody finds
work any more.
"""

import dbm
import logging
import shelve
from typing import Any

from celery.beat import PersistentScheduler, SchedulingError

logger = logging.getLogger(__name__)


class Scheduler(PersistentScheduler):
    """Differs from Celery's in what it survives, and in saying it in one line."""

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        try:
            self.apply_async(entry, producer=producer, advance=False)
        except SchedulingError as exc:
            logger.warning("%s", " ".join(str(exc).split()))

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
