"""Files of others are what their names say, and nothing else is among them."""

import hashlib
import re
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from django.conf import settings

VENDOR = Path(settings.BASE_DIR) / "static" / "vendor"
OURS = {"VENDOR.toml", "appuniversum.scss", "icons.txt", "refresh.sh"}
FILES = tomllib.loads((VENDOR / "VENDOR.toml").read_text(encoding="utf-8"))["file"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file["name"])
def test_each_file_has_the_sum_and_the_version_that_stand_beside_it(file: dict[str, str]) -> None:
    content = (VENDOR / file["name"]).read_bytes()

    assert hashlib.sha256(content).hexdigest() == file["sha256"]
    assert file["version"] in file["name"]
    assert file["licence"]


def test_every_file_is_listed() -> None:
    present = {path.name for path in VENDOR.iterdir()}

    assert present == OURS | {file["name"] for file in FILES}


def test_no_style_sheet_asks_another_host_for_anything() -> None:
    for sheet in (Path(settings.BASE_DIR) / "static").rglob("*.css"):
        assert not re.search(r"@import|url\((?![\"']?data:)", sheet.read_text(encoding="utf-8"))


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    sprite = next(VENDOR.glob("*.svg"))
    drawn = {symbol.get("id") for symbol in ET.parse(sprite).getroot()}
    pages = Path(settings.BASE_DIR) / "templates"

    named = {
        name
        for page in pages.rglob("*.html")
        for name in re.findall(r'{% icon "([^"]+)"', page.read_text(encoding="utf-8"))
    }

    assert named
    assert named <= drawn
    assert drawn == set((VENDOR / "icons.txt").read_text(encoding="utf-8").split())
