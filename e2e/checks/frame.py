"""What every page has: one heading, a title, its language, and help in the same place."""

from playwright.sync_api import Page


def frame_complaints(page: Page, *, language: str) -> list[str]:
    """Return what the frame of a page lacks."""
    found = []
    headings = page.locator("h1").count()
    if headings != 1:
        found.append(f"{headings} headings of the first level")
    if not page.title().strip():
        found.append("no title")
    spoken = page.locator("html").get_attribute("lang")
    if spoken != language:
        found.append(f"the page says that its language is {spoken}")
    if page.locator("main").count() != 1:
        found.append("not one main part")
    return [*found, *_help_elsewhere(page), *_bare_buttons(page)]


def _help_elsewhere(page: Page) -> list[str]:
    """Return whether help is not the first of the tools above the page (WCAG 3.2.6)."""
    tools = page.locator("header .site-tools")
    if tools.count() == 0:  # a page that stands on nothing
        return []
    first = tools.locator("a").first.get_attribute("href") or ""
    return [] if "/help/" in first else [f"not help but {first} stands where help does"]


def _bare_buttons(page: Page) -> list[str]:
    """Return the buttons that look as a browser likes: no page wants them to."""
    bare = page.locator("button:visible:not(.au-c-button):not([class*=link])")
    return [f"a bare button: {button.inner_text()}" for button in bare.all()]
