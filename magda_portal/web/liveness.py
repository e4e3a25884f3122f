"""Signs of life: what the parts of the portal that have no page show of themselves.

A part that works touches its file once a minute; whoever asks reads how long ago that was. Files
and not rows, so that the answer costs no query and doesn't depend on the database. Web and workers
share the data folder anyway, since the contents of the files lie there.
"""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from django.conf import settings

EVERY: Final = timedelta(minutes=1)
SILENT_AFTER: Final = timedelta(minutes=5)
"""A few signs may be missed: a worker is restarted, or busy for a moment."""
# A sign that lies this far ahead comes from a clock that was set back since.
_CLOCK_SKEW: Final = timedelta(minutes=5)


class Part(StrEnum):
    """A process, or a group of them, that works behind the pages."""

    ROUNDS = "rounds"
    """Beat, and the worker that takes its rounds: finds what is due, frees what stalled, mails."""
    TRANSFERS = "transfers"
    """The workers that deliver, collect, look at servers and fetch lists."""


class Pulse(StrEnum):
    ALIVE = "ok"
    SILENT = "failed"
    UNKNOWN = "unknown"
    """No sign was ever given: the portal was only just installed."""


@dataclass(frozen=True, slots=True)
class LastSign:
    """When a part last showed that it is alive; None when it never did."""

    part: Part
    at: datetime | None
    pulse: Pulse


def show_life(part: Part, *, now: datetime) -> None:
    """Note that ``part`` is alive at ``now``. Raises OSError, on a full disk at first only."""
    path = _path(part)
    seconds = now.timestamp()
    try:
        os.utime(path, (seconds, seconds))
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o640)
        os.utime(path, (seconds, seconds))


def last_sign(part: Part, *, now: datetime) -> LastSign:
    """Return when ``part`` was last alive; a folder that can't be read tells nothing."""
    try:
        seconds = _path(part).stat().st_mtime
    except OSError:
        return LastSign(part, None, Pulse.UNKNOWN)
    at = datetime.fromtimestamp(seconds, UTC)
    is_recent = -_CLOCK_SKEW <= now - at <= SILENT_AFTER
    return LastSign(part, at, Pulse.ALIVE if is_recent else Pulse.SILENT)


def _path(part: Part) -> Path:
    return Path(settings.DATA_DIR) / "run" / f"alive-{part.value}"
