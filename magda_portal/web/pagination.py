"""Pages by time: as quick on the thousandth page as on the first, and whatever is sought.

A page begins at a place (a moment and a key), never at a number of rows to skip, and rows are never
counted. What is rare is not sought through a million rows for one page: a page looks through
:data:`LOOK_THROUGH` rows, says how far it came, and leads on.

Rows may be spread over *lanes*, such as the accounts a person sees, each with an index by time. How
far a page looks is found on these indexes, one short walk a lane; only then are rows read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar

from django.db.models import Max, Min, Model, Q, QuerySet, Subquery
from django.http import HttpRequest, QueryDict

Row = TypeVar("Row", bound=Model)

PAGE_SIZE: Final = 50
EXPORT_SIZE: Final = 500
LOOK_THROUGH: Final = 100_000
"""About how many rows one page looks through for what is sought."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST_KEY: Final = 2**63 - 1


class Order(StrEnum):
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class Place:
    """Right after the row of this moment and key; without a key, after every row of the moment."""

    at: datetime
    key: int | None = None

    def __str__(self) -> str:
        moment = (self.at - _EPOCH) // timedelta(microseconds=1)
        return f"{moment}.{'' if self.key is None else self.key}"

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """Return the place that ``str()`` wrote; None for anything else."""
        moment, dot, key = text.partition(".")
        if not (dot and _is_number(moment) and (not key or _is_number(key))):
            return None
        try:
            at = _EPOCH + timedelta(microseconds=int(moment))
        except OverflowError:
            return None
        return cls(at, min(int(key), _LARGEST_KEY) if key else None)


@dataclass(frozen=True, slots=True)
class Period:
    """From ``first`` up to and including ``last``; None leaves that side open."""

    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Source(Generic[Row]):
    """Where pages come from: ``rows`` are what is sought, with the period left out.

    ``whole`` are rows as a page reads them, with what they are joined to: any rows, for a page
    picks its own by their keys.
    ``time`` names the column of the moment. ``lane_rows`` are all rows of one lane, told by an
    OuterRef to a row of ``lanes``; without lanes, all rows that may be looked through.
    ``look_through`` is the number of rows a page looks through; None where an index leads straight
    to the few that are sought.
    """

    rows: QuerySet[Any]
    whole: QuerySet[Row]
    time: str
    lane_rows: QuerySet[Any]
    lanes: QuerySet[Any] | None = None
    lane_count: int = 1
    look_through: int | None = LOOK_THROUGH
    period: Period = Period()


@dataclass(frozen=True, slots=True)
class Stretch(Generic[Row]):
    """Rows, where the next begin (None: there are none), and how far the look went.

    ``looked_until`` is set when the look ended before there was a whole page of rows.
    """

    rows: list[Row]
    further: Place | None = None
    looked_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """A stretch as a page shows it; the addresses keep the filter."""

    rows: list[Row]
    order: Order
    is_first: bool
    first: str
    further: str = ""
    looked_until: datetime | None = None
    # The address of the same list in the other order.
    turned: str = ""

    @property
    def is_newest_first(self) -> bool:
        return self.order is Order.NEWEST


def page_of(source: Source[Row], request: HttpRequest) -> Page[Row]:
    """Return the page that ``?place=`` and ``?order=`` ask for; nonsense asks for the first."""
    order = order_of(request.GET)
    place = Place.read(request.GET.get("place", ""))
    found = stretch(source, order=order, place=place)
    other = Order.OLDEST if order is Order.NEWEST else Order.NEWEST
    return Page(
        rows=found.rows,
        order=order,
        is_first=place is None,
        first=_address(request, place=None),
        further=_address(request, place=str(found.further)) if found.further else "",
        looked_until=found.looked_until,
        turned=_address(request, place=None, order=other.value),
    )


def order_of(query: QueryDict) -> Order:
    """Return the order that ``?order=`` asks for; newest first unless it says oldest."""
    return Order.OLDEST if query.get("order") == Order.OLDEST else Order.NEWEST


def all_rows(source: Source[Row], *, order: Order) -> Iterator[Row]:
    """Yield every row, a few hundred at a time: nothing is held, and no read lasts long."""
    place: Place | None = None
    while True:
        found = stretch(source, order=order, place=place, size=EXPORT_SIZE)
        yield from found.rows
        place = found.further
        if place is None:
            return


def stretch(
    source: Source[Row], *, order: Order, place: Place | None = None, size: int = PAGE_SIZE
) -> Stretch[Row]:
    """Return up to ``size`` rows from ``place`` on, in the order of their times, then keys."""
    start, period_end = _ends(source.period, order)
    start = place.at if place else start
    reach = _reach(source, order, start, size)
    end = _nearer(reach, period_end, order)
    sought = _between(source.rows, source.time, order, start, end)
    if place:
        sought = sought.filter(_after(place, source.time, order))
    # What is looked through is sorted by keys alone; only the page's own rows are read whole. In
    # one query PostgreSQL would join every row of the table first.
    ordering = _by(source.time, order)
    keys = list(sought.order_by(*ordering).values_list("pk", flat=True)[: size + 1])
    found = list(source.whole.filter(pk__in=keys).order_by(*ordering))
    if len(found) > size:
        last = found[size - 1]
        return Stretch(found[:size], Place(getattr(last, source.time), last.pk))
    if end is not None and end != period_end:
        return Stretch(found, Place(end), looked_until=end)
    return Stretch(found)


def _reach(source: Source[Row], order: Order, start: datetime | None, size: int) -> datetime | None:
    """Return the moment after which this page doesn't look; None when it looks at everything.

    That is the nearest of the moments to which each lane's share of the rows leads: the lane of
    that moment has a whole share before it, and no other lane has more.
    """
    if source.look_through is None:
        return None
    share = max(size, source.look_through // max(source.lane_count, 1))
    rows = _between(source.lane_rows, source.time, order, start, None)
    nth = rows.order_by(_by(source.time, order)[0]).values(source.time)[share : share + 1]
    if source.lanes is None:
        return nth.values_list(source.time, flat=True).first()
    nearest = Max("reach") if order is Order.NEWEST else Min("reach")
    lanes = source.lanes.order_by().annotate(reach=Subquery(nth))
    found: datetime | None = lanes.aggregate(nearest=nearest)["nearest"]
    return found


def _ends(period: Period, order: Order) -> tuple[datetime | None, datetime | None]:
    """Return where a look through ``period`` begins and ends."""
    if order is Order.NEWEST:
        return period.last, period.first
    return period.first, period.last


def _nearer(one: datetime | None, other: datetime | None, order: Order) -> datetime | None:
    """Return the end that a look in that order comes to first."""
    if one is None or other is None:
        return one or other
    return max(one, other) if order is Order.NEWEST else min(one, other)


def _between(
    rows: QuerySet[Any], time: str, order: Order, start: datetime | None, end: datetime | None
) -> QuerySet[Any]:
    first, last = (end, start) if order is Order.NEWEST else (start, end)
    if first is not None:
        rows = rows.filter(**{f"{time}__gte": first})
    return rows if last is None else rows.filter(**{f"{time}__lte": last})


def _after(place: Place, time: str, order: Order) -> Q:
    direction = "lt" if order is Order.NEWEST else "gt"
    later = Q(**{f"{time}__{direction}": place.at})
    if place.key is None:
        return later
    return later | Q(**{time: place.at, f"pk__{direction}": place.key})


def _by(time: str, order: Order) -> tuple[str, str]:
    return (f"-{time}", "-pk") if order is Order.NEWEST else (time, "pk")


def _address(request: HttpRequest, **changes: str | None) -> str:
    query = request.GET.copy()
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = value
    return "?" + query.urlencode()


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20
