"""Count what is open, per account, in one query whatever the number of transfers.

Each part of the query finds its rows by an index on what is open or recent, so that it takes as
long for a million old transfers as for none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from django.db.models import CharField, Count, F, Max, Min, QuerySet, Value
from django.db.models.functions import Cast

from exchange.models import Payload, Transfer, TransferAttempt, Upload
from exchange.models.transfer import Direction, State
from exchange.queries.stages import awaiting_answer, left_lying
from exchange.queries.uploads import own_uploads
from magda_portal.people.models import Organisation, Person

# Older failures are history, not news.
NEWS: Final = timedelta(days=14)
LATELY: Final = timedelta(days=7)
# So many transfers tell from where the portal connects.
_ENOUGH: Final = 200


class Kind(StrEnum):
    """What is counted. ``since`` of a tally is when the oldest began; of EGRESS, the last time."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    WAITING = "WAITING"
    UNCERTAIN = "UNCERTAIN"
    FAILED = "FAILED"
    """In the last two weeks."""
    NOT_PICKED_UP = "NOT_PICKED_UP"
    """Delivered, and left lying by MAGDA for longer than half an hour."""
    AWAITED = "AWAITED"
    """Delivered in the last two weeks and not answered yet, without what MAGDA left lying."""
    UNOPENED = "UNOPENED"
    """Collected, and never opened by anybody."""
    CHECKED = "CHECKED"
    """Files that the person brought and did not send yet, with their parcel as code."""
    EGRESS = "EGRESS"
    """Connections of the last week, with the address they left from as code."""


MOVING: Final = frozenset({Kind.QUEUED, Kind.RUNNING, Kind.WAITING})
BACKLOG: Final = frozenset({Kind.QUEUED, Kind.WAITING})


@dataclass(frozen=True, slots=True)
class Tally:
    """So many of a kind with the same error code, of one account."""

    kind: Kind
    code: str
    account_id: Any
    account: str
    organisation_id: int
    environment: str
    host: str
    port: int
    number: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose transfers are counted: all that a person sees, and by what the person does there."""

    person: Person
    seen: QuerySet[Organisation]
    clerk_of: QuerySet[Organisation] | None
    administrator_of: QuerySet[Organisation] | None


def tallies(scope: Scope, *, now: datetime) -> list[Tally]:
    """Return what is open in ``scope``, in no particular order."""
    seen = Transfer.objects.filter(account__identity__organisation__in=scope.seen)
    parts = [
        _open(seen),
        _failed(seen.filter(state=State.FAILED, finished_at__gt=now - NEWS)),
        _counted(left_lying(seen, now=now), _text(Kind.NOT_PICKED_UP), _text(""), "finished_at"),
    ]
    if scope.clerk_of is not None:
        parts += [_unopened(scope.clerk_of), _awaited(scope.clerk_of, now), _checked(scope.person)]
    if scope.administrator_of is not None:
        parts.append(_egress(scope.administrator_of, now))
    rows = parts[0].union(*parts[1:], all=True)
    return [Tally(Kind(kind), *rest) for kind, *rest in rows]


def number_of(found: Iterable[Tally], *kinds: Kind) -> int:
    """Return how many there are of ``kinds`` together."""
    return sum(tally.number for tally in found if tally.kind in kinds)


def oldest_of(found: Iterable[Tally], kinds: Iterable[Kind]) -> datetime | None:
    """Return since when the oldest of ``kinds`` is there; None when there is none."""
    wanted = set(kinds)
    return min(
        (tally.since for tally in found if tally.kind in wanted and tally.since), default=None
    )


def _open(transfers: QuerySet[Transfer]) -> QuerySet[Any, Any]:
    states = (State.QUEUED, State.RUNNING, State.WAITING, State.UNCERTAIN)
    # By its own name the column could not be called ``kind`` in all parts.
    return _counted(transfers.filter(state__in=states), F("state"), F("error_code"), "created_at")


def _failed(transfers: QuerySet[Transfer]) -> QuerySet[Any, Any]:
    return _counted(transfers, _text(Kind.FAILED), F("error_code"), "finished_at")


def _unopened(organisations: QuerySet[Organisation]) -> QuerySet[Any, Any]:
    # Not joined, so that the few contents are looked for first and not the many transfers.
    unopened = Payload.objects.filter(first_opened_at=None, erased_at=None)
    rows = Transfer.objects.filter(
        account__identity__organisation__in=organisations,
        direction=Direction.COLLECTION,
        payload__in=unopened.values("pk"),
    )
    return _counted(rows, _text(Kind.UNOPENED), _text(""), "finished_at")


def _awaited(organisations: QuerySet[Organisation], now: datetime) -> QuerySet[Any, Any]:
    rows = Transfer.objects.filter(account__identity__organisation__in=organisations)
    return _counted(awaiting_answer(rows, now=now), _text(Kind.AWAITED), _text(""), "finished_at")


def _checked(person: Person) -> QuerySet[Any, Any]:
    waiting = own_uploads(person).select_related(None).filter(state=Upload.State.WAITING)
    parcel = Cast("parcel", CharField())
    return _counted(waiting, _text(Kind.CHECKED), parcel, "touched_at")


def _counted(
    transfers: QuerySet[Transfer] | QuerySet[Upload], kind: Any, code: Any, since: str
) -> QuerySet[Any, Any]:
    return (
        transfers.order_by()
        .values_list(
            kind,
            code,
            "account_id",
            "account__identity__common_name",
            "account__identity__organisation_id",
            "account__identity__environment",
            "account__host",
            "account__port",
        )
        .annotate(number=Count("pk"), since=Min(since))
    )


def _egress(organisations: QuerySet[Organisation], now: datetime) -> QuerySet[Any, Any]:
    latest = Transfer.objects.filter(
        account__identity__organisation__in=organisations,
        state=State.DONE,
        finished_at__gt=now - LATELY,
    ).order_by("-finished_at")
    attempts = TransferAttempt.objects.filter(transfer__in=latest.values("pk")[:_ENOUGH])
    return (
        attempts.exclude(local_address="")
        .order_by()
        .values_list(
            _text(Kind.EGRESS),
            "local_address",
            "transfer__account_id",
            "transfer__account__identity__common_name",
            "transfer__account__identity__organisation_id",
            "transfer__account__identity__environment",
            "transfer__account__host",
            "transfer__account__port",
        )
        .annotate(number=Count("pk"), since=Max("started_at"))
    )


def _text(words: str) -> Value:
    return Value(str(words), output_field=CharField())
