"""Uploads that end badly, at a real web server: nothing of them is left."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from magda_portal.tests.browser import Browser
from magda_portal.tests.portal import Portal, a_portal
from magda_portal.tests.processes import eventually, marked
from magda_portal.tests.small_disk import fill, make_room, small_disk

pytestmark = pytest.mark.processes

CONTENT = b"<vraag>" + b"x" * 3_000_000 + b"</vraag>"


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with a_portal(tmp_path_factory.mktemp("portal")) as running:
        running.start(STORAGE_RESERVE_MB="0")
        assert eventually(running.shows_a_page, within=60), running.output.read_text()
        yield running


@pytest.fixture
def clerk(portal: Portal) -> Browser:
    people = (portal.data_dir / "demo-people.txt").read_text()
    found = re.search(r"(clerk@\S+)\s+(\S+)", people)
    assert found is not None
    browser = Browser(f"http://127.0.0.1:{portal.web}")
    browser.submit("/i18n/setlang/", {"language": "en"}, at="/login/")
    browser.log_in(found[1], found[2])
    return browser


@pytest.fixture
def account(clerk: Browser) -> dict[str, str]:
    (account,) = clerk.choices("/send/", "account").values()
    return {"account": account}


def waiting_uploads(portal: Portal) -> list[str]:
    """Return the files of uploads that processes of the portal hold open, with a name or not."""
    folder = str(portal.data_dir / "uploads")
    links = []
    for process in marked(portal.mark):
        for descriptor in Path(f"/proc/{process}/fd").glob("*"):
            try:
                links.append(os.readlink(descriptor))  # noqa: PTH115  # the text, deleted or not
            except OSError:
                continue
    return [link for link in links if link.startswith(folder)]


def assert_nothing_is_left(portal: Portal, clerk: Browser, name: str) -> None:
    assert list((portal.data_dir / "uploads").iterdir()) == []
    assert list((portal.data_dir / "payloads").rglob("*.part")) == []
    assert name not in clerk.get("/transfers/").text
    assert eventually(lambda: waiting_uploads(portal) == [], within=10)


def test_an_upload_that_ends_halfway_leaves_nothing(
    portal: Portal, clerk: Browser, account: dict[str, str]
) -> None:
    """The connection is closed for writing (FIN): gunicorn passes the part on, and says nothing."""
    page = clerk.upload("/send/", account, name="fin.xml", content=CONTENT, cut_at=1_500_000)

    assert page.status == 400
    assert "cut" in page.text
    assert_nothing_is_left(portal, clerk, "fin.xml")


def test_an_upload_whose_connection_is_reset_leaves_nothing(
    portal: Portal, clerk: Browser, account: dict[str, str]
) -> None:
    clerk.vanish_while_uploading(
        "/send/", account, name="rst.xml", content=CONTENT, cut_at=1_500_000
    )

    assert_nothing_is_left(portal, clerk, "rst.xml")


def test_a_full_disk_is_said_while_the_upload_still_comes_and_it_goes_on_with_room(
    portal: Portal, clerk: Browser, account: dict[str, str]
) -> None:
    with small_disk(portal.data_dir / "uploads", megabytes=5) as disk:
        fill(disk, leaving=500_000)

        page = clerk.upload("/send/", account, name="full.xml", content=CONTENT * 10)

        assert page.status == 507
        assert "storage is full" in page.text
        make_room(disk)
        assert_nothing_is_left(portal, clerk, "full.xml")

        page = clerk.send(account, name="room.xml", content=CONTENT)

        assert re.search(r"/transfers/\d+/$", page.address)
    assert "Traceback" not in portal.output.read_text()


def test_a_full_store_is_said_on_the_form_and_it_goes_on_with_room(
    portal: Portal, clerk: Browser, account: dict[str, str]
) -> None:
    with small_disk(portal.data_dir / "payloads", megabytes=5) as disk:
        fill(disk, leaving=1_000_000)

        page = clerk.upload("/send/", account, name="store.xml", content=CONTENT)

        assert page.status == 507
        assert "its storage is full" in page.text
        make_room(disk)
        assert_nothing_is_left(portal, clerk, "store.xml")

        page = clerk.send(account, name="store-room.xml", content=CONTENT)

        assert re.search(r"/transfers/\d+/$", page.address)
