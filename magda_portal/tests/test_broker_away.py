"""The whole portal on a real Redis that freezes, refuses and forgets."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from faults.services.redis import Redis
from magda_portal.tests.browser import Browser
from magda_portal.tests.portal import Portal, a_portal
from magda_portal.tests.processes import eventually, marked

pytestmark = pytest.mark.processes

REQUEST = (
    Path(__file__).parents[2] / "exchange/messages/tests/samples/request_three_questions.xml"
).read_bytes()
# Seconds that a broker may cost somebody who sends a file, all together.
PATIENCE = 5.0
_DELIVERED = ("delivered", "picked up by MAGDA", "answered")


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    server = Redis(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    if server.is_running():
        server.kill()


@pytest.fixture(scope="module")
def portal(redis: Redis, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with a_portal(tmp_path_factory.mktemp("portal")) as running:
        running.start(CELERY_BROKER_URL=redis.url, STORAGE_RESERVE_MB="0")
        assert eventually(running.shows_a_page, within=60), running.output.read_text()
        assert eventually(running.is_whole, within=30), running.output.read_text()
        yield running


class Clerk:
    """Sends requests, and looks what became of them."""

    def __init__(self, portal: Portal) -> None:
        people = (portal.data_dir / "demo-people.txt").read_text()
        found = re.search(r"(clerk@\S+)\s+(\S+)", people)
        assert found is not None
        self._browser = Browser(f"http://127.0.0.1:{portal.web}")
        self._browser.submit("/i18n/setlang/", {"language": "en"}, at="/login/")
        self._browser.log_in(found[1], found[2])
        (self._account,) = self._browser.choices("/send/", "account").values()

    def send(self, name: str) -> str:
        """Send a file within the time that a broker may cost; return its page's address."""
        began = time.monotonic()
        # Each asks the same question, of which the portal warns.
        page = self._browser.send(
            {"account": self._account}, name=name, content=REQUEST, overrule="To try the broker."
        )
        assert time.monotonic() - began < PATIENCE
        assert re.search(r"/transfers/\d+/$", page.address), page.text
        return page.address

    def have_been_delivered(self, addresses: list[str]) -> bool:
        return all(self._stage(address) in _DELIVERED for address in addresses)

    def _stage(self, address: str) -> str:
        return self._browser.get(address).stage

    def health(self) -> dict[str, str]:
        page = self._browser.get("/health/ready")
        assert page.status == 200
        health: dict[str, str] = json.loads(page.text)
        return health


def test_a_broker_that_freezes_costs_a_sender_little_and_workers_go_on(
    portal: Portal, redis: Redis
) -> None:
    clerk = Clerk(portal)
    assert clerk.health()["status"] == "ok"
    processes = marked(portal.mark)

    redis.freeze()
    addresses = [clerk.send(f"frozen-{number}.xml") for number in range(2)]
    assert (clerk.health()["status"], clerk.health()["broker"]) == ("degraded", "failed")
    redis.thaw()

    assert eventually(lambda: clerk.have_been_delivered(addresses), within=40)
    assert marked(portal.mark) == processes


def test_a_broker_that_is_gone_costs_a_sender_nothing_and_forgets_nothing_that_counts(
    portal: Portal, redis: Redis
) -> None:
    clerk = Clerk(portal)
    processes = marked(portal.mark)

    redis.kill()
    address = clerk.send("refused.xml")
    assert clerk.health()["status"] == "degraded"
    # It comes back empty: without the nudge, the queues and the bindings.
    redis.start()

    assert eventually(lambda: clerk.have_been_delivered([address]), within=60)
    assert clerk.health()["status"] == "ok"
    assert marked(portal.mark) == processes
    assert "Traceback" not in portal.output.read_text()


def test_a_broker_that_is_flushed_loses_nothing(portal: Portal, redis: Redis) -> None:
    clerk = Clerk(portal)

    addresses = []
    for number in range(3):
        addresses.append(clerk.send(f"flushed-{number}.xml"))
        redis.flush()

    assert eventually(lambda: clerk.have_been_delivered(addresses), within=40)
