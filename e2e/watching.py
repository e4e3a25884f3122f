"""Watch a page while it loads: what it asks for, what it weighs, what the browser complains of."""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request

MOST_REQUESTS: Final = 8
MOST_BYTES: Final = 120_000
"""Of a first view, compressed as they come over the line."""

# Runs before any script of the page, and keeps what its policy refused.
_LISTEN: Final = """
window.refusedByPolicy = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.refusedByPolicy.push(`${event.effectiveDirective} ${event.blockedURI}`);
});
"""


@dataclass
class Watch:
    """What one page asked for since :meth:`begin`; a first view, as nothing is kept in a cache."""

    page: Page
    expects_failure: bool = False
    """The page is an error page, and Chromium says on its console that it failed."""
    _requests: list[Request] = field(default_factory=list)
    _console: list[str] = field(default_factory=list)

    def begin(self) -> None:
        """Watch from now on, with an empty cache each time."""
        self.page.add_init_script(_LISTEN)
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self._console.append(str(error)))
        self.page.on("request", self._asked)
        session = self.page.context.new_cdp_session(self.page)
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def _asked(self, request: Request) -> None:
        # What led to the page (another page, a form that was sent, its redirect) is not the page.
        if request.is_navigation_request():
            self._requests.clear()
        self._requests.append(request)

    def _heard(self, message: ConsoleMessage) -> None:
        is_status = "Failed to load resource" in message.text
        if message.type in {"error", "warning"} and not (self.expects_failure and is_status):
            self._console.append(message.text)

    def complaints(self, host: str) -> list[str]:
        """Return what is wrong with what was seen; ``host`` is the only one that may be asked."""
        return [
            *(f"console: {text}" for text in self._console),
            *(f"policy: {text}" for text in self.page.evaluate("window.refusedByPolicy || []")),
            *self._too_much(),
            *(
                f"another host: {request.url}"
                for request in self._requests
                if urlsplit(request.url).scheme != "data" and urlsplit(request.url).netloc != host
            ),
        ]

    def _too_much(self) -> list[str]:
        asked = [request for request in self._requests if not request.url.startswith("data:")]
        weight = sum(_weight(request) for request in asked)
        found = []
        if len(asked) > MOST_REQUESTS:
            found.append(f"{len(asked)} requests: {[request.url for request in asked]}")
        if weight > MOST_BYTES:
            found.append(f"{weight} bytes on the line")
        return found


def _weight(request: Request) -> int:
    if request.response() is None:
        return 0
    sizes = request.sizes()
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]
