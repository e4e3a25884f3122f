"""Tables as CSV files for spreadsheets, written while they are read."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Final

from django.http import StreamingHttpResponse
from django.utils import timezone

_CALCULATES: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
"""With these a spreadsheet begins a formula, also the full-width forms (OWASP, CSV injection)."""
_LINES_AT_ONCE: Final = 100
# Excel reads a file as UTF-8 by this mark alone, and expects semicolons where commas are decimal.
_BYTE_ORDER_MARK: Final = "\ufeff"
DELIMITER: Final = ";"


def cell(value: object) -> str:
    """Return a value as a cell that is never calculated: text like a formula gets an apostrophe."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_CALCULATES) else text


def instant(at: datetime | None) -> str:
    """Return a moment in local time, to the second, as spreadsheets read it; empty for None."""
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M:%S") if at else ""


def csv_lines(header: Sequence[object], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield the file in pieces; it begins with a byte order mark."""
    echo = _Echo()
    writer = csv.writer(echo, delimiter=DELIMITER)
    pieces = [_BYTE_ORDER_MARK]
    for row in chain([header], rows):
        writer.writerow([cell(value) for value in row])
        pieces.append(echo.line)
        if len(pieces) > _LINES_AT_ONCE:
            yield "".join(pieces)
            pieces = []
    yield "".join(pieces)


def csv_response(
    name: str, header: Sequence[object], rows: Iterable[Sequence[object]]
) -> StreamingHttpResponse:
    """Return the file as a download that is written while it is read, in constant memory."""
    response = StreamingHttpResponse(
        csv_lines(header, rows), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


class _Echo:
    """Keeps the line that was written last."""

    line = ""

    def write(self, line: str) -> None:
        self.line = line
