"""Pages in Dutch speak Dutch: no word on them was left in English."""

from typing import Final

from playwright.sync_api import Page

# Words that hardly an English sentence does without, and that no Dutch one has.
_ENGLISH: Final = "the|and|this|these|with|without|your|you|from|which|have|that|why|are|not"
# What machines say stands in these, or says its language.
_MACHINES: Final = "code, pre, samp, kbd, textarea, script, style, [lang='en']"

_FIND: Final = """
([words, machines]) => {
  const english = new RegExp(`(?<![\\\\p{L}\\\\d._])(${words})(?![\\\\p{L}\\\\d./_])`, "iu");
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.parentElement.closest(machines) && english.test(node.data)) {
      found.push(node.data.trim().replace(/\\s+/g, " ").slice(0, 120));
    }
  }
  return found;
}
"""


def english_complaints(page: Page, *, language: str) -> list[str]:
    """Return the texts of a Dutch page, shown or read aloud, that are English."""
    if language != "nl":
        return []
    return [f"English: {text}" for text in page.evaluate(_FIND, [_ENGLISH, _MACHINES])]
