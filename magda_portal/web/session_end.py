"""When a session ends, whatever its person does, and how somebody who is warned stays longer.

A session lasts ``SESSION_COOKIE_AGE`` from the login on. Who asks for it in the last hour gets an
hour more, ten times at most: so many times WCAG 2.2.1 asks for, and nobody is logged in for ever.

Not sooner, because Django keeps a session for ``SESSION_COOKIE_AGE`` after it was last saved, which
staying does: hours that were gathered beforehand would outlive it, and end without a warning.
"""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

STAY: Final = timedelta(hours=1)
MOST_STAYS: Final = 10
WARNED_BEFORE: Final = timedelta(minutes=2)
_ENDS_AT: Final = "ends_at"
_STAYS: Final = "stays"


def begin(session: SessionBase, *, now: datetime) -> None:
    """Set the end of a session that begins with a login."""
    session[_ENDS_AT] = (now + timedelta(seconds=settings.SESSION_COOKIE_AGE)).isoformat()
    session[_STAYS] = 0


def ends_at(session: SessionBase) -> datetime | None:
    """Return when a session ends; None before a login."""
    stored = session.get(_ENDS_AT)
    return datetime.fromisoformat(stored) if stored else None


def is_over(session: SessionBase, *, now: datetime) -> bool:
    at = ends_at(session)
    return at is not None and at <= now


def may_stay_from(session: SessionBase) -> datetime | None:
    """Return from when on the session can be made longer; None when it can't any more."""
    at = ends_at(session)
    return at - STAY if at and session.get(_STAYS, 0) < MOST_STAYS else None


def may_stay(session: SessionBase, *, now: datetime) -> bool:
    """Say whether the session can be made longer now."""
    since = may_stay_from(session)
    return since is not None and since <= now


def stay(session: SessionBase, *, now: datetime) -> bool:
    """Let a session last an hour longer; return whether it could."""
    at = ends_at(session)
    if at is None or not may_stay(session, now=now):
        return False
    session[_ENDS_AT] = (at + STAY).isoformat()
    session[_STAYS] = session.get(_STAYS, 0) + 1
    return True
