"""Every page, in its states, at both widths."""

import pytest

from e2e.browsing import LOCALES, People
from e2e.looking import Look, complaints_about
from e2e.pages import NAMES, VIEWS, View
from magda_portal.tests.test_every_url import NO_PAGES
from magda_portal.tests.url_table import TABLE
from magda_portal.tests.world import Visitor


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "view" not in metafunc.fixturenames:
        return
    if metafunc.config.getoption("--everything"):
        chosen = [(view, language) for view in VIEWS for language in LOCALES]
    else:
        chosen = [(view, "nl") for view in VIEWS if not view.state]
    ids = [f"{view}-{language}" for view, language in chosen]
    metafunc.parametrize(("view", "language"), chosen, ids=ids)


def test_a_page_is_without_fault(view: View, language: str, people: People, look: Look) -> None:
    # One picture of each page is enough to look at, as people mostly see it.
    is_shown = language == "nl" and not view.state
    found = complaints_about(view, people, language, look if is_shown else look.without_pictures())

    assert not found, "\n".join(found)


def test_every_address_that_shows_a_page_is_looked_at() -> None:
    shows_a_page = {
        name
        for name, row in TABLE.items()
        if row.method == "get"
        and name not in NO_PAGES
        and 200 in {row.expected(visitor) for visitor in Visitor}
    }

    assert shows_a_page <= NAMES


def test_each_view_has_a_name_of_its_own() -> None:
    names = [str(view) for view in VIEWS]

    assert sorted(names) == sorted(set(names))
