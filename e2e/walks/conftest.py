"""In which manners a walk is walked: in Dutch, in English, without scripts, on a narrow screen."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import pytest
from playwright.sync_api import Page

from e2e.browsing import NARROW, Manner, People
from e2e.running import Who

MANNERS: Final = {
    "in Dutch": Manner(),
    "in English": Manner(language="en"),
    "without scripts": Manner(scripts=False),
    "at 320 px": Manner(width=NARROW),
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Walk every walk in Dutch; those marked ``every_manner``, or all when asked, in each."""
    if "manner" not in metafunc.fixturenames:
        return
    is_marked = metafunc.definition.get_closest_marker
    everything = metafunc.config.getoption("--everything") and not is_marked("one_manner")
    chosen = MANNERS
    if not (is_marked("every_manner") or everything):
        chosen = {"in Dutch": MANNERS["in Dutch"]}
    if is_marked("with_scripts"):
        chosen = {name: manner for name, manner in chosen.items() if manner.scripts}
    metafunc.parametrize("manner", list(chosen.values()), ids=list(chosen))


@pytest.fixture
def clerk(people: People, manner: Manner) -> Iterator[Page]:
    with people.page(replace(manner, who=Who.CLERK)) as page:
        yield page


@pytest.fixture
def administrator(people: People, manner: Manner) -> Iterator[Page]:
    with people.page(replace(manner, who=Who.ADMINISTRATOR)) as page:
        yield page


@pytest.fixture
def helpdesk(people: People, manner: Manner) -> Iterator[Page]:
    with people.page(replace(manner, who=Who.HELPDESK)) as page:
        yield page
