"""Walk through a page with the Tab key: everything is reached, seen, and nothing hides it."""

from typing import Final

from playwright.sync_api import Page

_MOST_STEPS: Final = 400
# The walk begins where an element stood that had the focus, even when it is gone.
_RESET: Final = """
() => {
  document.querySelectorAll("[data-walked]").forEach((element) => delete element.dataset.walked);
  window.walkedLast = null;
  const start = document.createElement("span");
  start.tabIndex = -1;
  document.body.prepend(start);
  start.focus();
  start.remove();
}
"""
_WHERE: Final = """
() => {
  const at = document.activeElement;
  if (!at || at === document.body || at === document.documentElement) return null;
  // A date is one field with a stop for each of its parts.
  const stays = at === window.walkedLast;
  window.walkedLast = at;
  const stops = Number(at.dataset.walked || 0) + 1;
  at.dataset.walked = String(stops);
  const style = getComputedStyle(at);
  const box = at.getBoundingClientRect();
  const visible = (Number.parseFloat(style.outlineWidth) > 0 && style.outlineStyle !== "none")
    || style.boxShadow !== "none";
  // A link over two lines is not everywhere in the box around it: its first line counts.
  const line = at.getClientRects()[0] || box;
  const x = Math.min(Math.max(line.left + Math.min(line.width / 2, 12), 1), innerWidth - 2);
  const y = Math.min(Math.max(line.top + Math.min(line.height / 2, 12), 1), innerHeight - 2);
  const above = document.elementFromPoint(x, y);
  const free = above !== null && (at.contains(above) || above.contains(at)
    || [...(at.labels || [])].some((label) => label.contains(above)));
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return {
    what: at.outerHTML.slice(0, 120), visible, free: free && inside,
    again: !stays && stops > 1, trapped: stays && stops > 10,
  };
}
"""
# Hidden by its own closed <details>, by CSS, or by a group of radio buttons, nothing is reached.
_MISSED: Final = """
() => [...document.querySelectorAll(
    "a[href], button, input, select, textarea, summary, [tabindex='0']",
  )]
  .filter((element) => element.checkVisibility({ visibilityProperty: true }))
  .filter((element) => !element.disabled && element.tabIndex >= 0 && element.type !== "radio")
  .filter((element) => !element.dataset.walked)
  .map((element) => element.outerHTML.slice(0, 120))
"""


def tab_complaints(page: Page) -> list[str]:
    """Return what the keyboard does not reach, or reaches unseen (WCAG 2.1.1, 2.4.7, 2.4.11)."""
    page.evaluate(_RESET)
    found = []
    for _ in range(_MOST_STEPS):
        page.keyboard.press("Tab")
        here = page.evaluate(_WHERE)
        if here is None or here["again"]:
            break
        if here["trapped"]:
            found.append(f"no way on by keyboard: {here['what']}")
            break
        if not here["visible"]:
            found.append(f"focus can't be seen: {here['what']}")
        if not here["free"]:
            found.append(f"focus is hidden behind something: {here['what']}")
    else:
        found.append(f"no end after {_MOST_STEPS} steps")
    return [*found, *(f"not reached by keyboard: {what}" for what in page.evaluate(_MISSED))]
