"""Whether everything can be read: on narrow screens, with large text, with more room between."""

from typing import Final

from playwright.sync_api import Page

# What sticks out, by name, unless it is inside something that scrolls by itself.
_STICKS_OUT: Final = """
() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const scrolls = (element) => {
    for (let box = element.parentElement; box; box = box.parentElement) {
      if (box === document.body) return false;
      if (getComputedStyle(box).overflowX !== "visible") return true;
    }
    return false;
  };
  // A long word leaves its element's box without making it wider.
  const content = document.createRange();
  const out = [...document.body.querySelectorAll("*")].filter((element) => {
    content.selectNodeContents(element);
    const right = Math.max(
      element.getBoundingClientRect().right, content.getBoundingClientRect().right,
    );
    return right > width + 1 && !scrolls(element);
  });
  const innermost = out.filter(
    (element) => !out.some((other) => element !== other && element.contains(other)),
  );
  return innermost.slice(0, 5).map((element) => `${element.outerHTML.slice(0, 120)}`)
    .concat(`${document.documentElement.scrollWidth} pixels on ${width}`);
}
"""
# A word that is cut off: its box is too small, and hides what does not fit.
_CUT_OFF: Final = """
() => [...document.body.querySelectorAll(
    "a, button, label, h1, h2, h3, p, td, th, dd, dt, li, legend, summary",
  )]
  .filter((element) => {
    const style = getComputedStyle(element);
    if (style.overflowX === "visible" && style.overflowY === "visible") return false;
    if (style.position === "absolute" && element.clientWidth <= 1) return false;
    const hides = ["hidden", "clip"];
    return (hides.includes(style.overflowX) && element.scrollWidth > element.clientWidth + 1)
      || (hides.includes(style.overflowY) && element.scrollHeight > element.clientHeight + 1);
  })
  .slice(0, 5).map((element) => element.outerHTML.slice(0, 120))
"""
# WCAG 1.4.12, word for word.
_MORE_ROOM: Final = """
* {
  line-height: 1.5 !important;
  letter-spacing: 0.12em !important;
  word-spacing: 0.16em !important;
}
p { margin-bottom: 2em !important; }
"""


def sideways_complaints(page: Page) -> list[str]:
    """Return what makes the page scroll sideways (WCAG 1.4.10)."""
    found: list[str] = page.evaluate(_STICKS_OUT)
    return [f"sideways: {what}" for what in found]


def spacing_complaints(page: Page) -> list[str]:
    """Return what does not fit once there is more room between letters and lines."""
    _add_sheet(page, _MORE_ROOM)
    found = [*sideways_complaints(page), *_cut_off(page)]
    _remove_sheet(page)
    return [f"text spacing: {what}" for what in found]


def large_text_complaints(page: Page) -> list[str]:
    """Return what does not fit when the reader's text is twice as large (WCAG 1.4.4)."""
    _add_sheet(page, "html { font-size: 20px !important; }")  # one rem is ten pixels here
    found = [*sideways_complaints(page), *_cut_off(page)]
    _remove_sheet(page)
    return [f"200 %: {what}" for what in found]


def _cut_off(page: Page) -> list[str]:
    found: list[str] = page.evaluate(_CUT_OFF)
    return [f"cut off: {what}" for what in found]


def _add_sheet(page: Page, text: str) -> None:
    """Add a style sheet the way a reader's extension does: the page's policy does not bind it."""
    page.evaluate(
        "(text) => { const sheet = new CSSStyleSheet(); sheet.replaceSync(text);"
        " document.adoptedStyleSheets = [sheet]; }",
        text,
    )


def _remove_sheet(page: Page) -> None:
    page.evaluate("document.adoptedStyleSheets = []")
