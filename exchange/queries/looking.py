"""When we last looked at MAGDA, and what it means when that is long ago."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from exchange.models import Account
from exchange.remote import RETENTION

# A few missed collections are no news; after this, or three intervals, they are.
OVERDUE_AFTER = timedelta(hours=1)
OVERDUE_INTERVALS = 3
# Half of MAGDA's two weeks are over.
BAD_AFTER = timedelta(days=7)
# Three days before a file that came right after our last look is removed.
ALARM_AFTER = timedelta(days=11)


class Idle(StrEnum):
    """Why nobody looks at an account, by decision or for want of something."""

    SUSPENDED = "suspended"
    NO_CERTIFICATE = "no certificate"


@dataclass(frozen=True, slots=True)
class Look:
    """What we know of an account's folders: everything that stood there at ``since``."""

    account: Account
    # When all folders to collect were listed, or else when the account was opened.
    since: datetime
    tone: str
    idle: Idle | None
    # Whether what came right after ``since`` is lost within three days, or is lost already.
    is_alarming: bool

    @property
    def loses_from(self) -> datetime:
        """When MAGDA removes what it laid ready right after ``since``."""
        return self.since + RETENTION

    @property
    def is_first(self) -> bool:
        """Return whether we never looked before."""
        return self.account.last_looked_at is None

    @property
    def is_overdue(self) -> bool:
        """Return whether we should have looked since then, and could not."""
        return self.idle is None and self.tone in ("attention", "bad")


def look_at(account: Account, *, now: datetime) -> Look:
    """Say when ``account`` was last looked at, and how bad that is."""
    since = account.last_looked_at or account.created_at
    age = now - since
    return Look(account, since, _tone(account, age), _idle(account), age > ALARM_AFTER)


def _tone(account: Account, age: timedelta) -> str:
    if age >= BAD_AFTER:
        return "bad"
    intervals = timedelta(seconds=OVERDUE_INTERVALS * account.collect_every)
    if age >= max(OVERDUE_AFTER, intervals):
        return "attention"
    return "good" if account.last_looked_at else "waiting"


def _idle(account: Account) -> Idle | None:
    if account.state == Account.State.SUSPENDED:
        return Idle.SUSPENDED
    return Idle.NO_CERTIFICATE if account.identity.current is None else None
