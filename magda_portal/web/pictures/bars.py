"""Draw how long things last as bars over the next twelve months, in the units of an SVG."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format

MONTHS = 12
_HORIZON = timedelta(days=365)
_NAMES_END = 290
_BARS_END = 800
_WIDTH = 960
_TOP = 32
_LANE = 26
# So long a name still fits before the bars.
_LONGEST_NAME = 36
# An end that has passed is drawn too.
_SHORTEST_BAR = 3


@dataclass(frozen=True, slots=True)
class Lasting:
    """A thing that ends: its name, when, the tone of its badge, and how long it lasts in words."""

    name: str
    until: datetime
    tone: str
    words: str


@dataclass(frozen=True, slots=True)
class Month:
    """A line at the first day of a month."""

    x: int
    name: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One thing: its name, how long it lasts, and the same in words."""

    y: int
    width: int
    tone: str
    name: str
    words: str

    @property
    def middle(self) -> int:
        return self.y + _LANE // 2

    @property
    def height(self) -> int:
        return _LANE - 10


@dataclass(frozen=True, slots=True)
class BarPicture:
    months: list[Month]
    bars: list[Bar]

    left = _NAMES_END
    words_from = _BARS_END + 10
    width = _WIDTH
    top = _TOP

    @property
    def height(self) -> int:
        return _TOP + _LANE * len(self.bars) + 6


def draw_bars(things: Sequence[Lasting], *, now: datetime) -> BarPicture:
    """Return the picture of ``things``, in their order."""
    bars = [
        Bar(
            y=_TOP + _LANE * index,
            width=max(_SHORTEST_BAR, _x(thing.until - now) - _NAMES_END),
            tone=thing.tone,
            name=_shortened(thing.name),
            words=thing.words,
        )
        for index, thing in enumerate(things)
    ]
    return BarPicture(list(_months(timezone.localdate(now))), bars)


def _months(today: date) -> Iterator[Month]:
    first = today.replace(day=1)
    for _number in range(MONTHS):
        first = (first + timedelta(days=31)).replace(day=1)
        form = "Y" if first.month == 1 else "M"
        yield Month(_x(first - today), date_format(first, form))


def _x(duration: timedelta) -> int:
    """Return how far right a moment lies; what lies past the year stays at the edge."""
    share = min(max(duration / _HORIZON, 0), 1)
    return round(_NAMES_END + share * (_BARS_END - _NAMES_END))


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
