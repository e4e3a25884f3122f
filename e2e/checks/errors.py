"""Whether somebody whose form was refused learns it: in the title, in a summary, at the field."""

from typing import Final

from playwright.sync_api import Page

_DEAD_LINKS: Final = """
() => [...document.querySelectorAll('[role=alert] a[href^="#"]')]
  .filter((link) => !document.getElementById(link.getAttribute("href").slice(1)))
  .map((link) => link.outerHTML)
"""
_UNTOLD: Final = """
() => [...document.querySelectorAll("main [aria-invalid=true]")]
  .filter((field) => ![field, field.closest("fieldset")]
    .flatMap((element) => (element?.getAttribute("aria-describedby") || "").split(" "))
    .some((id) => document.getElementById(id)?.textContent.trim()))
  .map((field) => field.outerHTML.slice(0, 120))
"""
_FOCUSED: Final = "() => document.activeElement.getAttribute('role') === 'alert'"


def error_complaints(page: Page) -> list[str]:
    """Return how a refused form fails to say so (WCAG 3.3.1, 4.1.3)."""
    found = []
    if page.locator("main [role=alert]").count() == 0:
        found.append("no summary of errors")
    elif not page.evaluate(_FOCUSED):
        found.append("the focus is not on the summary of errors")
    if not page.title().startswith(("Error:", "Fout:")):
        found.append(f"the title says nothing of an error: {page.title()}")
    found += [f"leads nowhere: {link}" for link in page.evaluate(_DEAD_LINKS)]
    found += [f"no error is told with the field: {field}" for field in page.evaluate(_UNTOLD)]
    return found
