"""Audit events: what the portal records of each transfer, and logins up to the wanted number.

The trail is append-only by triggers and has no chain of hashes, so inserting is all that it takes.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from bench.seeding.history import Made
from exchange.models.transfer import State
from magda_portal.audit.actions import Action

COLUMNS: Final = (
    "id", "at", "action", "actor_id", "actor_name", "organisation_id", "subject_type",
    "subject_id", "subject_text", "details", "ip_address",
)  # fmt: skip
Event = tuple[datetime, Action, bool, dict[str, Any]]
"""A moment, an action, whether a person did it, and details."""

_PORTAL: Final = ("", "the portal")
_ADDRESS: Final = "192.0.2.17"


def events_of(made: Made) -> Iterator[Event]:
    """Yield what the portal records of a transfer, in the order of time."""
    told = {"sha256": made.sha256}
    at = made.at
    if not made.is_delivery:
        yield at, Action.TRANSFER_COLLECTED, False, told
        yield at + timedelta(seconds=1), Action.TRANSFER_RELEASED, False, {"moved_to": "cache"}
        yield at + timedelta(hours=2), Action.TRANSFER_OPENED, True, {}
        return
    yield at, Action.TRANSFER_SUBMITTED, True, {**told, "size": made.size}
    if made.state in (State.DONE, State.FAILED):
        yield at + timedelta(seconds=38), Action.TRANSFER_SENDING, False, {}
    if made.state == State.DONE:
        yield at + timedelta(seconds=40), Action.TRANSFER_DELIVERED, False, told
        yield at + timedelta(minutes=5), Action.TRANSFER_PICKED_UP, False, {}
    elif made.state == State.FAILED:
        yield at + timedelta(seconds=40), Action.TRANSFER_FAILED, False, {"error": "refused"}


class Trail:
    """Rows of the trail, so that all transfers together have ``count`` of them."""

    def __init__(self, *, transfers: int, count: int, first_key: int) -> None:
        self._each = count / transfers if transfers else 0.0
        self._owed = 0.0
        self._key = first_key

    def rows(self, made: Made) -> Iterator[tuple[Any, ...]]:
        """Yield those of one transfer, and of the people who looked after it."""
        self._owed += self._each
        clerk = made.exchanger.clerk
        person = (str(clerk.pk), str(clerk))
        for event in events_of(made):
            if self._owed < 1:
                return
            actor = person if event[2] else _PORTAL
            yield self._row(made, event, actor, ("transfer", str(made.key), made.name))
        while self._owed >= 1:
            login: Event = (made.at, Action.PERSON_LOGGED_IN, True, {})
            yield self._row(made, login, person, ("person", *person))

    def _row(
        self,
        made: Made,
        event: Event,
        actor: tuple[str, str],
        subject: tuple[str, str, str],
    ) -> tuple[Any, ...]:
        self._owed -= 1
        self._key += 1
        at, action, _, details = event
        address = _ADDRESS if actor[0] else ""
        return (
            self._key - 1,
            at,
            action,
            *actor,
            made.exchanger.organisation,
            *subject,
            details,
            address,
        )
