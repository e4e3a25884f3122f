"""What the end-to-end tests share: one running portal, one browser, people to be."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from e2e.browsing import People, launch
from e2e.looking import SCREENSHOTS, Look
from e2e.running import Site, full_site
from magda_portal.bootstrap import BASE_DIR


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("end to end")
    group.addoption(
        "--everything",
        action="store_true",
        help="each page in every state and both languages, and each walk in every manner",
    )
    group.addoption(
        "--screenshots", action="store_true", help=f"keep a picture of each page in {SCREENSHOTS}"
    )


def pytest_configure(config: pytest.Config) -> None:
    for marker in (
        "every_manner: a walk that is always walked in every manner",
        "with_scripts: a walk that is nothing without scripts",
        "one_manner: a walk about a mechanism, which in one manner tells of all",
    ):
        config.addinivalue_line("markers", marker)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the first test time to start the portal, on a machine that is busy."""
    for item in items:
        item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The running portal that all tests share; each leaves what others need as it was."""
    with full_site(tmp_path_factory.mktemp("portal")) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def people(browser: Browser, site: Site) -> People:
    return People(browser, site)


@pytest.fixture(scope="session")
def look(pytestconfig: pytest.Config) -> Look:
    pictures = BASE_DIR / SCREENSHOTS if pytestconfig.getoption("--screenshots") else None
    if pictures is not None:
        pictures.mkdir(parents=True, exist_ok=True)
    return Look(closely=bool(pytestconfig.getoption("--everything")), pictures=pictures)
