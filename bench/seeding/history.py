"""Transfers and what belongs to them, spread over two years of working hours.

Nearly all is done, and old. What is open, failed or unread is as much as people leave lying, not a
share of all history: that is what makes a page that counts everything slow, and no other.
"""

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from bench.seeding.people import Exchanger
from exchange.models.remote_file import RemoteFile
from exchange.models.transfer import Direction, State, Step

YEARS: Final = timedelta(days=730)
_KEPT: Final = timedelta(days=30)
_OPENED_WITHIN: Final = timedelta(days=3)
# What is open at the end of the history, however long that is.
OPEN: Final = 40
_FAILED: Final = 0.004
_ANSWERED: Final = 0.8
_SERVICES: Final = ("Gezinssamenstelling", "Kadaster", "Voertuig", "Loopbaan", "Onderneming", "")


@dataclass(slots=True)
class Made:
    """One transfer, as its rows and events need it."""

    key: int
    exchanger: Exchanger
    is_delivery: bool
    state: str
    at: datetime
    name: str
    size: int
    sha256: str
    payload: uuid.UUID
    answers: int | None
    referte: str
    service: str
    is_answered: bool = False

    @property
    def finished_at(self) -> datetime | None:
        return self.at + timedelta(seconds=40) if self.state not in _OPEN_STATES else None


_OPEN_STATES: Final = (State.QUEUED, State.WAITING)

TRANSFER_COLUMNS: Final = (
    "id", "account", "direction", "state", "step", "final_name", "folder", "size", "sha256",
    "payload", "person", "holds_name", "message_kind", "service", "referte", "answers_to", "token",
    "next_attempt_at", "attempts_made", "error_code", "created_at", "finished_at", "picked_up_at",
)  # fmt: skip
PAYLOAD_COLUMNS: Final = ("id", "size", "sha256", "stored_at", "first_opened_at", "erased_at")
ATTEMPT_COLUMNS: Final = (
    "id", "transfer", "number", "started_at", "duration_ms", "error_code", "reply", "bytes_moved",
)  # fmt: skip
REMOTE_COLUMNS: Final = (
    "id", "account", "folder", "name", "size", "modified", "first_seen_at", "state",
    "removal_day", "release_asked_at", "cache_path", "released_at", "cleared_at", "transfer",
)  # fmt: skip


class History:
    """Makes transfers in the order of time; the rows of each table are read off them."""

    def __init__(
        self, exchangers: list[Exchanger], *, count: int, now: datetime, seed: int
    ) -> None:
        self._exchangers = exchangers
        self._count = count
        self._now = now
        self._random = random.Random(seed)  # noqa: S311 - guards nothing
        self._unanswered: dict[str, list[Made]] = {}

    def transfers(self, first_key: int) -> Iterator[Made]:
        """Yield them, oldest first; an answer comes after its request."""
        shares = [each.share for each in self._exchangers]
        step = YEARS / self._count
        for number in range(self._count):
            exchanger = self._random.choices(self._exchangers, shares)[0]
            at = _in_working_hours(self._now - YEARS + number * step, self._random)
            is_open = number >= self._count - min(OPEN, self._count // 10)
            yield self._one(first_key + number, exchanger, min(at, self._now), is_open=is_open)

    def _one(self, key: int, exchanger: Exchanger, at: datetime, *, is_open: bool) -> Made:
        noise = self._random
        requests = self._unanswered.setdefault(str(exchanger.account.pk), [])
        is_delivery = is_open or not requests or noise.random() < 0.5
        request = None
        if not is_delivery and noise.random() < _ANSWERED:
            request = requests.pop(0)
        made = Made(
            key=key,
            exchanger=exchanger,
            is_delivery=is_delivery,
            state=self._state(is_delivery=is_delivery, is_open=is_open),
            at=at,
            name=f"{'vraag' if is_delivery else 'antwoord'}-{at:%Y%m%d}-{key:09}.xml",
            size=int(noise.lognormvariate(9.5, 1.5)) + 200,
            sha256=f"{noise.getrandbits(256):064x}",
            payload=uuid.UUID(int=noise.getrandbits(128), version=4),
            answers=request.key if request else None,
            referte=request.referte if request else f"REF-{key:09}",
            service=request.service if request else noise.choice(_SERVICES),
        )
        if is_delivery and made.state == State.DONE:
            requests.append(made)
            del requests[:-200]
        return made

    def _state(self, *, is_delivery: bool, is_open: bool) -> str:
        if is_open:
            return str(self._random.choice(_OPEN_STATES))
        if is_delivery and self._random.random() < _FAILED:
            return str(self._random.choice([State.FAILED, State.FAILED, State.CANCELLED]))
        return str(State.DONE)

    # --- rows

    def transfer_row(self, made: Made) -> tuple[Any, ...]:
        is_done = made.state == State.DONE
        picked_up = made.at + timedelta(minutes=5)
        is_picked_up = is_done and made.is_delivery and picked_up < self._now
        return (
            made.key,
            made.exchanger.account.pk,
            Direction.DELIVERY if made.is_delivery else Direction.COLLECTION,
            made.state,
            Step.FINAL if is_done and made.is_delivery else Step.NONE,
            made.name,
            "" if made.is_delivery else "from_vip",
            made.size,
            made.sha256,
            made.payload,
            made.exchanger.clerk.pk if made.is_delivery else None,
            made.is_delivery
            and self._now - made.at < timedelta(days=14)
            and made.state != State.FAILED,
            "request" if made.is_delivery else "answer",
            made.service,
            made.referte,
            made.answers,
            1,
            made.at if made.finished_at is None else None,
            int(made.finished_at is not None),
            "transfer.refused" if made.state == State.FAILED else "",
            made.at,
            made.finished_at,
            picked_up if is_picked_up else None,
        )

    def payload_row(self, made: Made) -> tuple[Any, ...]:
        opened = erased = None
        if not made.is_delivery and self._now - made.at > self._random.random() * _OPENED_WITHIN:
            opened = made.at + timedelta(hours=2)
        finished = opened if not made.is_delivery else made.finished_at
        if finished is not None and self._now - finished > _KEPT:
            erased = finished + _KEPT
        return made.payload, made.size, made.sha256, made.at, opened, erased

    def attempt_row(self, key: int, made: Made) -> tuple[Any, ...]:
        error = "transfer.refused" if made.state == State.FAILED else ""
        reply = "553 Refused" if error else "226 Transfer complete"
        return key, made.key, 1, made.at, 40 + made.key % 200, error, reply, made.size

    def remote_row(self, key: int, made: Made) -> tuple[Any, ...]:
        """Return the ledger's line of a collected file; MAGDA's clean-up took the old ones."""
        cleared = made.at + timedelta(days=14)
        return (
            key,
            made.exchanger.account.pk,
            "from_vip",
            made.name,
            made.size,
            made.at,
            made.at,
            RemoteFile.State.RELEASED,
            (made.at + timedelta(days=14)).date(),
            made.at,
            f"cache/from_vip/{made.name}",
            made.at + timedelta(seconds=41),
            cleared if cleared < self._now else None,
            made.key,
        )


def _in_working_hours(at: datetime, noise: random.Random) -> datetime:
    """Move most of what would be at night or on a Sunday to the day: machines go on, people not."""
    if noise.random() < 0.2:
        return at
    hour = min(17, max(7, int(noise.gauss(11, 2.5))))
    return at.replace(hour=hour, minute=noise.randrange(60))
