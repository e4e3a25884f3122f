"""The first page after logging in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from exchange.queries import overview_for
from exchange.queries.overview import Day, End
from exchange.queries.overview.ends import MOST
from magda_portal.people.access import PersonRequest
from magda_portal.web.live import live, show_live
from magda_portal.web.moments import day_in_words
from magda_portal.web.pictures import (
    BarPicture,
    ColumnPicture,
    Lasting,
    draw_bars,
    draw_columns,
)


@dataclass(frozen=True, slots=True)
class DayRow:
    """One row of columns; ``key`` names what it counts, and ``label`` says it."""

    key: str
    label: str
    picture: ColumnPicture


@require_GET
@live
def overview(request: PersonRequest) -> HttpResponse:
    now = timezone.now()
    found = overview_for(request.user, now=now)
    context = {
        "overview": found,
        "facts": found.facts,
        "storage": found.facts.machinery.storage if found.facts.machinery else None,
        "days": found.facts.days,
        "day_rows": _day_rows(found.facts.days),
        "ends": found.facts.ends[:MOST],
        "picture": _ends_picture(found.facts.ends[:MOST], now),
    }
    return show_live(request, "exchange/overview.html", "exchange/overview/_part.html", context)


def _day_rows(days: Sequence[Day]) -> list[DayRow]:
    kinds: list[tuple[str, str, Callable[[Day], int]]] = [
        ("delivered", _("Delivered to MAGDA"), lambda day: day.delivered),
        ("collected", _("Collected from MAGDA"), lambda day: day.collected),
        ("failed", _("Failed"), lambda day: day.failed),
    ]
    return [
        DayRow(key, label, draw_columns([(read(day), _words(day, read(day))) for day in days]))
        for key, label, read in kinds
    ]


def _words(day: Day, number: int) -> str:
    return _("%(day)s: %(number)d") % {"day": day_in_words(day.on), "number": number}


def _ends_picture(ends: Sequence[End], now: datetime) -> BarPicture:
    things = [
        Lasting(end.name, end.not_after, end.validity.tone, end.validity.words) for end in ends
    ]
    return draw_bars(things, now=now)
