"""Bring a page into its state, and say all that is wrong with it."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from playwright.sync_api import FloatRect, Page

from e2e.browsing import HEIGHTS, NARROW, WIDE, Manner, People
from e2e.checks.axe import axe_complaints
from e2e.checks.colours import forced_colours_complaints
from e2e.checks.errors import error_complaints
from e2e.checks.frame import frame_complaints
from e2e.checks.keyboard import tab_complaints
from e2e.checks.layout import large_text_complaints, sideways_complaints, spacing_complaints
from e2e.checks.words import english_complaints
from e2e.pages import View
from e2e.watching import Watch

SCREENSHOTS: Final = Path("docs/screenshots")


@dataclass(frozen=True, slots=True)
class Look:
    """How to look at pages: how closely, and whether to keep pictures, and where."""

    closely: bool = False
    """With the checks that take longer: by keyboard, with large text, in forced colours."""
    pictures: Path | None = None

    def without_pictures(self) -> "Look":
        """Return the same look that keeps nothing."""
        return replace(self, pictures=None)


def complaints_about(view: View, people: People, language: str, look: Look) -> list[str]:
    """Open the view at both widths; return what is wrong, at which width."""
    with people.page(Manner(view.who, language)) as page:
        watch = Watch(page, expects_failure=view.shows_errors or view.status >= 400)
        watch.begin()
        found = _open(view, page, people)
        found += watch.complaints(urlsplit(people.site.url).netloc)
        found += frame_complaints(page, language=language)
        found += english_complaints(page, language=language)
        if view.shows_errors:
            found += error_complaints(page)
        return found + complaints_at_both_widths(page, str(view), look)


def complaints_at_both_widths(page: Page, name: str, look: Look) -> list[str]:
    """Return what is wrong with the page that is shown now; ``name`` is what pictures are called.

    The page stays as it was loaded: a reader who turns a tablet loads nothing anew either.
    """
    found = []
    for width in (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        found += [f"at {width}: {what}" for what in _at_this_width(page, look)]
        if look.closely and width == WIDE:
            found += large_text_complaints(page)
        if look.pictures is not None:
            _take_picture(page, look.pictures / f"{_file(name)}-{width}.jpg")
    return found


def _open(view: View, page: Page, people: People) -> list[str]:
    """Go there and act; return whether the answer was another than the view says."""
    answers: list[int] = []
    page.on(
        "response",
        lambda response: (
            answers.append(response.status) if response.request.is_navigation_request() else None
        ),
    )
    page.goto(view.address(people.site))
    if view.act is not None:
        view.act(page)
    page.wait_for_load_state("load")
    answered = answers[-1] if answers else 0
    if answered in view.statuses:
        return []
    return [f"answered {answered} instead of {view.statuses}"]


def _at_this_width(page: Page, look: Look) -> list[str]:
    found = [*axe_complaints(page), *sideways_complaints(page)]
    if look.closely:
        found += tab_complaints(page)
        found += spacing_complaints(page)
        found += forced_colours_complaints(page)
    return found


def _take_picture(page: Page, path: Path) -> None:
    # All of the page, unless it is very long: who looks at pictures has seen enough by then.
    height = page.evaluate("Math.min(document.documentElement.scrollHeight, 3000)")
    clip: FloatRect = {"x": 0, "y": 0, "width": page.evaluate("innerWidth"), "height": height}
    page.screenshot(path=path, full_page=True, clip=clip, type="jpeg", quality=60)


def _file(name: str) -> str:
    """Return a name fit for a file."""
    return name.replace(" ", "-").replace("_", "-")
