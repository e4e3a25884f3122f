from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from sandbox.requests import is_valid_insz
from sandbox.server import DEMO_ACCOUNT, PracticeMAGDA

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.authority import Authority


def test_a_new_home_has_publications_of_each_kind(tmp_path: Path, authority: Authority) -> None:
    home = PracticeMAGDA(tmp_path, authority).home(DEMO_ACCOUNT)

    empty, rows, company = sorted((home / "public").iterdir(), key=lambda p: p.stat().st_size)
    (person,) = (home / "from_vip").iterdir()

    for path in (empty, rows, company, person):
        assert re.fullmatch(r".+0200_\d{17}\.(csv|xml)|.+-0202_\d{17}\.xml", path.name)
    assert empty.read_bytes() == b""
    assert all(re.fullmatch(r'("[^"]*";?)+', row) for row in rows.read_text().splitlines())
    for path in (company, person):
        root = ET.fromstring(path.read_bytes())
        assert root.findtext("Publicatie/Context/Bericht/Type") == "PUBLICATIE"
        assert root.findall("Publicatie/Onderwerpen/Onderwerp/Inhoud")
    number = ET.fromstring(person.read_bytes()).findtext(".//INSZ", "")
    assert is_valid_insz(number)


def test_a_second_start_lays_no_new_ones(tmp_path: Path, authority: Authority) -> None:
    home = PracticeMAGDA(tmp_path, authority).home(DEMO_ACCOUNT)
    for path in (home / "public").iterdir():
        path.unlink()

    PracticeMAGDA(tmp_path, authority)

    assert list((home / "public").iterdir()) == []
