"""Keyset pages: as quick on the thousandth page as on the first."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

Row = TypeVar("Row", bound=Model)

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows, newest first, and where the older ones begin."""

    rows: list[Row]
    older: str = ""

    @property
    def has_older(self) -> bool:
        return bool(self.older)


def newest_first(rows: QuerySet[Row], request: HttpRequest, *, size: int = PAGE_SIZE) -> Page[Row]:
    """Return the page that ``?before=<id>`` asks for, in descending order of the primary key."""
    before = request.GET.get("before", "")
    rows = rows.order_by("-pk")
    if before.isascii() and before.isdigit() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: size + 1])
    if len(found) <= size:
        return Page(found)
    query = request.GET.copy()
    query["before"] = str(found[size - 1].pk)
    return Page(found[:size], older="?" + query.urlencode())
