"""The beginning of a CSV file as a table, for people to look at.

MAGDA's own files have no row of headings, `;` between the fields and each field in double quotes;
others come from office programs. So delimiter and encoding are guessed, and said.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from exchange.messages.preview_text import decoded, legible

MAX_ROWS = 200
MAX_COLUMNS = 200
MAX_CELLS = 20_000
"""Cells in all, which a page can show: rows end early where columns are many."""

_DELIMITERS = ";,\t|"
_ROWS_TO_GUESS_BY = 20


@dataclass(frozen=True, slots=True)
class TablePreview:
    """The first rows, each as long as the file has it; every cell is legible."""

    rows: tuple[tuple[str, ...], ...]
    columns: int
    """Of the longest row that is shown."""
    delimiter: str
    """Empty when no row has more than one field."""
    encoding: str
    is_cut: bool
    """True when the file holds more rows or columns than are shown."""


def preview_table(content: bytes, *, goes_on: bool) -> TablePreview:
    """Return the table at the beginning of a file; ``goes_on`` says that there is more of it."""
    text, encoding = decoded(content)
    delimiter = _guessed_delimiter(text)
    rows = list(islice(_rows_of(text, delimiter or ";"), MAX_ROWS + 1))
    is_cut = goes_on or len(rows) > MAX_ROWS
    if goes_on and 1 < len(rows) <= MAX_ROWS:
        # Its last row is cut in the middle.
        rows.pop()
    columns = min(max((len(row) for row in rows[:MAX_ROWS]), default=0), MAX_COLUMNS)
    most = min(MAX_ROWS, MAX_CELLS // max(columns, 1))
    return TablePreview(
        rows=tuple(tuple(map(legible, row[:MAX_COLUMNS])) for row in rows[:most]),
        columns=columns,
        delimiter=delimiter,
        encoding=encoding,
        is_cut=is_cut or len(rows) > most or any(len(row) > MAX_COLUMNS for row in rows),
    )


def _rows_of(text: str, delimiter: str) -> Iterator[list[str]]:
    """Read until a field is so long that it can only be a quotation mark without its other half."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        yield from (row for row in reader if row)
    except csv.Error:
        return


def _guessed_delimiter(text: str) -> str:
    """Return the sign by which most rows fall into equally many fields, the more the better."""
    best, best_score = "", (0, 1)
    for delimiter in _DELIMITERS:
        lengths = [len(row) for row in islice(_rows_of(text, delimiter), _ROWS_TO_GUESS_BY)]
        several = Counter(length for length in lengths if length > 1)
        if several:
            length, times = max(several.items(), key=lambda item: (item[1], item[0]))
            best, best_score = max((best, best_score), (delimiter, (times, length)), key=_score)
    return best


def _score(candidate: tuple[str, tuple[int, int]]) -> tuple[int, int]:
    return candidate[1]
