"""The whole job as a clerk does it: real web server, worker, beat and practice MAGDA."""

import hashlib
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from magda_portal.tests.browser import Browser, Page
from magda_portal.tests.portal import Portal, a_portal
from magda_portal.tests.processes import eventually

pytestmark = pytest.mark.processes

REQUEST = (
    Path(__file__).parents[2] / "exchange/messages/tests/samples/request_three_questions.xml"
).read_bytes()
ROAD = [
    "queued",
    "sending",
    "finding out whether it arrived",
    "delivered",
    "picked up by MAGDA",
    "answered",
]


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    with a_portal(tmp_path) as running:
        running.start()
        assert eventually(running.shows_a_page, within=60), running.output.read_text()
        yield running


def logged_in(portal: Portal, who: str) -> Browser:
    people = (portal.data_dir / "demo-people.txt").read_text()
    found = re.search(rf"({who}@\S+)\s+(\S+)", people)
    assert found is not None
    browser = Browser(f"http://127.0.0.1:{portal.web}")
    # The page's language is the browser's choice; the words below are English.
    browser.submit("/i18n/setlang/", {"language": "en"}, at="/login/")
    page = browser.log_in(found[1], found[2])
    assert page.address.endswith(f":{portal.web}/")
    return browser


def state_of(page: Page) -> str:
    """Return where on the road of a request the page says that it is."""
    assert page.stage, page.text
    return page.stage


def test_a_clerk_sends_a_request_and_downloads_its_answer(portal: Portal) -> None:
    clerk = logged_in(portal, "clerk")
    (account,) = clerk.choices("/send/", "account").values()

    sent = clerk.send({"account": account}, name="request-1.xml", content=REQUEST)

    assert re.search(r"/transfers/\d+/$", sent.address)
    seen = [state_of(sent)]

    def is_answered() -> bool:
        seen.append(state_of(clerk.get(sent.address)))
        return seen[-1] == ROAD[-1]

    assert eventually(is_answered, within=90), (seen, portal.output.read_text())
    # Never backwards; which of the short states are seen depends on when one looks.
    assert [ROAD.index(state) for state in seen] == sorted(ROAD.index(state) for state in seen)

    # An answer may come before the portal has seen that the request was picked up.
    assert eventually(
        lambda: "MAGDA picked the file up" in clerk.get(sent.address).text, within=90
    ), clerk.get(sent.address).text
    transfer = clerk.get(sent.address)
    for words in ("gave the file to the portal", "was delivered to MAGDA", "The answer arrived"):
        assert words in transfer.text
    answers = [
        link for link in transfer.links(r"/transfers/\d+/$") if not sent.address.endswith(link)
    ]
    answer = clerk.get(answers[0])
    (download,) = answer.links(rf"^{answers[0]}.*content/$")
    file = clerk.get(download)
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert hashlib.sha256(file.body).hexdigest() in answer.text
    assert b"Antwoord" in file.body
    home = portal.data_dir / "sandbox/homes"
    (cached,) = [p for p in home.rglob("cache/from_vip/*") if p.read_bytes() == file.body]
    assert not list(home.rglob(f"from_vip/{cached.name}")) or cached.parent.parent.name == "cache"

    helpdesk = logged_in(portal, "helpdesk")
    assert "request-1.xml" in helpdesk.get(sent.address).text
    assert helpdesk.get(download).status == 403
    assert "opened" in helpdesk.get(answers[0]).text


def test_a_page_without_a_login_leads_to_the_login(portal: Portal) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{portal.web}/transfers/") as answer:
        assert "/login/" in answer.url
        policy = answer.headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
