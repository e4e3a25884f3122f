"""Ask axe-core, which knows the rules of WCAG that a program can decide."""

from pathlib import Path
from typing import Final

from playwright.sync_api import Page

_SOURCE: Final = Path(__file__).parents[1] / "vendor" / "axe-4.14.1.min.js"
_TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RUN: Final = """
async (tags) => {
  const found = await axe.run(document, {
    runOnly: { type: "tag", values: tags }, resultTypes: ["violations"],
  });
  return found.violations.flatMap((rule) => rule.nodes.map(
    (node) => `axe ${rule.id}: ${rule.help}: ${node.target.join(" ")}: ${node.html.slice(0, 160)}`,
  ));
}
"""


def axe_complaints(page: Page) -> list[str]:
    """Return each element that breaks a rule of WCAG 2.2 AA or good practice."""
    if not page.evaluate("typeof window.axe === 'object'"):
        # Not by a script element: the policy of the page would refuse it, as it should.
        page.evaluate(_SOURCE.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(_RUN, _TAGS)
    return found
