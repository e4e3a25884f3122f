"""How the portal itself is: its workers and its disk. No query."""

import shutil
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from exchange.advice import advice_for
from exchange.storage import payload_store
from magda_portal.web.advice import Advice
from magda_portal.web.liveness import LastSign, Part, Pulse, last_sign


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk on which contents are kept, in bytes; ``reserve`` is left alone."""

    free: int
    total: int
    reserve: int


@dataclass(frozen=True, slots=True)
class Machinery:
    """What works behind the pages."""

    rounds: LastSign
    transfers: LastSign
    # None when it can't be looked at.
    disk: Disk | None
    storage: Advice | None

    @property
    def silent(self) -> list[LastSign]:
        """The parts that gave a sign of life once, and do not any more."""
        signs = (self.rounds, self.transfers)
        return [sign for sign in signs if sign.pulse is Pulse.SILENT]


def machinery(*, now: datetime) -> Machinery:
    code = _storage_trouble()
    return Machinery(
        rounds=last_sign(Part.ROUNDS, now=now),
        transfers=last_sign(Part.TRANSFERS, now=now),
        disk=_disk(),
        storage=advice_for(code) if code else None,
    )


def _storage_trouble() -> str:
    """Return the code of what is wrong with the store's room; empty while there is enough."""
    store = payload_store()
    try:
        if not store.has_room_for(1):
            return "storage.used_up"
        return "" if store.has_room_for(settings.UPLOAD_LIMIT) else "storage.low"
    except OSError:
        return "storage.unreadable"


def _disk() -> Disk | None:
    try:
        usage = shutil.disk_usage(settings.PAYLOAD_DIR)
    except OSError:
        return None
    return Disk(usage.free, usage.total, settings.STORAGE_RESERVE_MB * 1024**2)
