"""Give people an address at which their calendar reads the dates, and take it away again.

Who knows the address reads the dates without a login, so it holds a token of 256 bits. It is shown
once and kept as a hash.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from certificates.models import CalendarFeed
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Subject, record
from magda_portal.people.models import Person

_TOKEN_OCTETS = 32
# Calendars ask every few minutes; one note an hour tells as much.
_NOTE_EVERY = timedelta(hours=1)


@transaction.atomic
def make_feed(person: Person, *, now: datetime) -> str:
    """Return the token of a new address; the one the person had before stops working."""
    token = secrets.token_urlsafe(_TOKEN_OCTETS)
    CalendarFeed.objects.update_or_create(
        person=person,
        defaults={"token_hash": _hash(token), "created_at": now, "last_read_at": None},
    )
    _record(Action.CALENDAR_FEED_MADE, person)
    return token


@transaction.atomic
def remove_feed(person: Person) -> None:
    """Let the person's address stop working; without one nothing changes."""
    removed, _ = CalendarFeed.objects.filter(person=person).delete()
    if removed:
        _record(Action.CALENDAR_FEED_REMOVED, person)


def reader_with(token: str, *, now: datetime) -> Person | None:
    """Return whose calendar asks with this token, or None; note when it last did.

    The row is found by the token's hash, so the time it takes tells nothing of the token.
    """
    feed = (
        CalendarFeed.objects.select_related("person")
        .filter(token_hash=_hash(token), person__is_active=True)
        .first()
    )
    if feed is None:
        return None
    is_due = Q(last_read_at=None) | Q(last_read_at__lt=now - _NOTE_EVERY)
    CalendarFeed.objects.filter(is_due, pk=feed.pk).update(last_read_at=now)
    return feed.person


def _hash(token: str) -> str:
    # A token is as random as a key, so a plain hash can't be guessed back.
    return hashlib.sha256(token.encode()).hexdigest()


def _record(action: Action, person: Person) -> None:
    record(action, actor=Actor.person(person), subject=Subject.row(person, person.email))
