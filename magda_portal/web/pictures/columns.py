"""Draw numbers per day as columns, in the units of an SVG.

Each row of numbers has a picture of its own, so that none needs a colour to be told from another.
The picture may be stretched: it holds no text, which stands beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

# Of one column, its gap included.
_STEP = 10
_GAP = 2
_HEIGHT = 60
# One of a thousand is still seen.
_LOWEST = 2


@dataclass(frozen=True, slots=True)
class Column:
    """One number; ``words`` say it."""

    x: int
    y: int
    height: int
    words: str

    width = _STEP - _GAP


@dataclass(frozen=True, slots=True)
class ColumnPicture:
    """One row of numbers; ``most`` is the highest column, as the scale is the row's own."""

    columns: list[Column]
    width: int
    total: int
    most: int

    height = _HEIGHT


def draw_columns(numbers: Sequence[tuple[int, str]]) -> ColumnPicture:
    """Return the picture of ``numbers``, each with its words; what is 0 has no column."""
    most = max((number for number, _ in numbers), default=0)
    columns = []
    for index, (number, words) in enumerate(numbers):
        if number:
            height = max(_LOWEST, round(_HEIGHT * number / most))
            columns.append(Column(index * _STEP, _HEIGHT - height, height, words))
    return ColumnPicture(
        columns=columns,
        width=max(1, len(numbers)) * _STEP - _GAP,
        total=sum(number for number, _ in numbers),
        most=most,
    )
