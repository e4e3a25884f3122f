"""Whether a page still says everything when the reader chooses the colours (forced colours)."""

from typing import Final

from playwright.sync_api import Page

# What is drawn by its background alone vanishes; borders, text and icons in currentColor stay.
_VANISHES: Final = """
() => [...document.querySelectorAll(
    "button, .au-c-button:not(.au-c-button--link), input:not([type=hidden]), select, textarea",
  )]
  .filter((element) => element.checkVisibility())
  .filter((element) => {
    const style = getComputedStyle(element);
    const bordered = Number.parseFloat(style.borderTopWidth) > 0 && style.borderTopStyle !== "none";
    const drawnByBrowser = ["checkbox", "radio", "file"].includes(element.type);
    return !bordered && !drawnByBrowser && element.textContent.trim() === "";
  })
  .map((element) => element.outerHTML.slice(0, 120))
"""


def forced_colours_complaints(page: Page) -> list[str]:
    """Return the controls that can't be seen in forced colours (WCAG 1.4.11)."""
    page.emulate_media(forced_colors="active")
    found: list[str] = page.evaluate(_VANISHES)
    page.emulate_media(forced_colors="none")
    return [f"forced colours: {what}" for what in found]
