"""Draw how long the things on a page last."""

from collections.abc import Sequence
from datetime import datetime

from certificates.queries.expiring import ExpiringThing
from certificates.queries.validity import Validity
from magda_portal.web.pictures import BarPicture, Lasting, draw_bars


def draw(rows: Sequence[tuple[ExpiringThing, Validity]], *, now: datetime) -> BarPicture:
    """Return the picture of a page's rows, in their order."""
    things = [
        Lasting(thing.name, thing.not_after, validity.tone, validity.words)
        for thing, validity in rows
    ]
    return draw_bars(things, now=now)
