"""The pictures of the overview read from the left, where they begin, to today at the right."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page

from e2e.browsing import Manner, People
from e2e.running import Site, Who

_PLACES = """
(all) => all.map((ends) => {
  const [first, , last] = [...ends.children].map((end) => end.getBoundingClientRect());
  const box = ends.getBoundingClientRect();
  return [last.top - first.top, box.right - last.right, first.right - last.left];
})
"""


def places(page: Page) -> list[tuple[float, float, float]]:
    """Return of each picture how far "today" is below, from the right edge, and over the first."""
    return [tuple(each) for each in page.locator(".day-ends").evaluate_all(_PLACES)]


@pytest.mark.parametrize("width", [1280, 1000, 700, 320])
def test_today_stands_at_the_right_beside_the_first_day(
    people: People, site: Site, width: int
) -> None:
    with people.page(replace(Manner(), who=Who.CLERK)) as page:
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{site.url}/")

        found = places(page)

    assert len(found) == 3
    for below, from_the_right, over in found:
        assert abs(below) < 2
        assert abs(from_the_right) < 2
        assert over <= 0
