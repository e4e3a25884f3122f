"""Pictures: values become coordinates here, and a template writes them as SVG.

No picture stands alone. Beside it the same numbers stand in a table.
"""

from magda_portal.web.pictures.bars import Bar, BarPicture, Lasting, draw_bars
from magda_portal.web.pictures.columns import Column, ColumnPicture, draw_columns

__all__ = [
    "Bar",
    "BarPicture",
    "Column",
    "ColumnPicture",
    "Lasting",
    "draw_bars",
    "draw_columns",
]
