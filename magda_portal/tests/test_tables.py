"""On a narrow screen the rows of a table are blocks, and cells bear the names of their columns."""

import re
from pathlib import Path

import pytest
from django.conf import settings

TEMPLATES = Path(settings.BASE_DIR) / "templates"
WITH_CELLS = sorted(path for path in TEMPLATES.rglob("*.html") if "<td" in path.read_text())


@pytest.mark.parametrize("path", WITH_CELLS, ids=lambda path: path.name)
def test_every_cell_bears_the_name_of_its_column(path: Path) -> None:
    cells = re.findall(r"<td\b.{0,40}", path.read_text())

    without = [cell for cell in cells if "data-label=" not in cell and "colspan=" not in cell]

    assert not without
