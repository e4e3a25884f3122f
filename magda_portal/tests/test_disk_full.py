"""The whole portal on a disk that fills up: database, broker, store and uploads together."""

import re
import time
from pathlib import Path

import pytest

from magda_portal.tests.browser import Browser
from magda_portal.tests.portal import a_portal
from magda_portal.tests.processes import eventually, marked
from magda_portal.tests.small_disk import fill, make_room, small_disk

pytestmark = pytest.mark.processes

# Seconds: more than one round of beat.
A_WHILE = 12


def test_a_full_disk_is_said_and_everything_goes_on_by_itself_with_room(tmp_path: Path) -> None:
    with small_disk(tmp_path / "var", megabytes=100) as disk, a_portal(tmp_path) as portal:
        portal.start(STORAGE_RESERVE_MB="0")
        assert eventually(portal.shows_a_page, within=60), portal.output.read_text()
        assert eventually(portal.is_whole, within=30), portal.output.read_text()
        clerk = Browser(f"http://127.0.0.1:{portal.web}")
        found = re.search(r"(clerk@\S+)\s+(\S+)", (disk / "demo-people.txt").read_text())
        assert found is not None
        clerk.submit("/i18n/setlang/", {"language": "en"}, at="/login/")
        clerk.log_in(found[1], found[2])
        (account,) = clerk.choices("/send/", "account").values()
        processes = marked(portal.mark)
        lines_before = len(portal.output.read_text().splitlines())

        fill(disk)
        refused = clerk.upload(
            "/send/", {"account": account}, name="full.xml", content=bytes(500_000)
        )
        assert refused.status == 507
        assert "storage is full" in refused.text
        time.sleep(A_WHILE)
        told = portal.output.read_text().splitlines()[lines_before:]
        make_room(disk)

        sent = clerk.send({"account": account}, name="room.xml", content=b"<vraag/>")
        assert re.search(r"/transfers/\d+/$", sent.address), sent.text
        arrived = ("delivered", "picked up by MAGDA", "answered")
        assert eventually(lambda: clerk.get(sent.address).stage in arrived, within=40), (
            portal.output.read_text()
        )
        assert marked(portal.mark) == processes
        assert len(told) < 30, told
        assert not [line for line in told if "Traceback" in line], told
        portal.end()
        assert eventually(lambda: not marked(portal.mark), within=20)
