"""When a session ends, and how often somebody may stay longer."""

from datetime import timedelta

from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone

from magda_portal.web.session_end import (
    MOST_STAYS,
    STAY,
    begin,
    ends_at,
    is_over,
    may_stay,
    may_stay_from,
    stay,
)

NOW = timezone.now()
LASTS = timedelta(hours=10)


def begun() -> SessionBase:
    session = SessionBase()
    begin(session, now=NOW)
    return session


def test_a_session_ends_ten_hours_after_the_login() -> None:
    session = begun()

    assert ends_at(session) == NOW + LASTS
    assert not is_over(session, now=NOW + LASTS - timedelta(seconds=1))
    assert is_over(session, now=NOW + LASTS)


def test_somebody_may_stay_an_hour_longer_ten_times() -> None:
    """So many extensions WCAG 2.2.1 asks for."""
    session = begun()

    stayed = [stay(session, now=NOW + LASTS + n * STAY) for n in range(MOST_STAYS + 1)]

    assert stayed == [True] * 10 + [False]
    assert may_stay_from(session) is None
    assert ends_at(session) == NOW + LASTS + 10 * STAY


def test_hours_are_not_gathered_beforehand() -> None:
    session = begun()
    last_hour = NOW + LASTS - STAY

    assert may_stay_from(session) == last_hour
    assert not stay(session, now=last_hour - timedelta(seconds=1))
    assert stay(session, now=last_hour)
    assert not may_stay(session, now=last_hour)
    assert ends_at(session) == NOW + LASTS + STAY


def test_before_a_login_nothing_ends() -> None:
    session = SessionBase()

    assert ends_at(session) is None
    assert not is_over(session, now=NOW)
    assert not stay(session, now=NOW)
