"""The portal below a path of somebody else's host, behind a reverse proxy."""

import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, Response

from e2e.browsing import Manner, People
from e2e.running import Site, Who, practice_site
from magda_portal.tests.portal import free_ports

PREFIX: Final = "/magda"
PAGES: Final = ("/", "/send/", "/transfers/", "/inbox/", "/accounts/", "/certificates/")


_ADDRESSES: Final = """
() => ["href", "src", "action", "formaction", "hx-get"]
  .flatMap((name) => [...document.querySelectorAll(`[${name}]`)].map((e) => e.getAttribute(name)))
  .filter((address) => address.startsWith("/"))
"""


class Proxy(ThreadingHTTPServer):
    """Hands what comes below the prefix on, with the path as it came or without the prefix."""

    strips = True

    def __init__(self, port: int, portal: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.portal = portal


class Handler(BaseHTTPRequestHandler):
    server: Proxy

    def _hand_on(self) -> None:
        if not self.path.startswith(f"{PREFIX}/"):
            self.send_error(404, "not of the portal")
            return
        path = self.path.removeprefix(PREFIX) if self.server.strips else self.path
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        portal = http.client.HTTPConnection("127.0.0.1", self.server.portal, timeout=60)
        portal.request(self.command, path, body, dict(self.headers))
        answer = portal.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {"transfer-encoding", "connection", "content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
        portal.close()

    do_GET = do_POST = do_HEAD = do_PATCH = do_DELETE = _hand_on  # noqa: N815 - the standard library's names

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Proxy]]:
    """Run a portal that has to say a path of its proxy in every address."""
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}{PREFIX}"
    with practice_site(tmp_path_factory.mktemp("below"), url=url) as site:
        proxy = Proxy(port, site.port)
        serving = threading.Thread(target=proxy.serve_forever, daemon=True)
        serving.start()
        yield site, proxy
        proxy.shutdown()
        proxy.server_close()
        serving.join()


@pytest.fixture(params=[True, False], ids=["stripped", "as it came"])
def below(request: pytest.FixtureRequest, proxied: tuple[Site, Proxy]) -> Site:
    site, proxy = proxied
    proxy.strips = request.param
    return site


def test_everything_of_a_portal_behind_a_prefix_stays_below_it(
    below: Site, browser: Browser
) -> None:
    with People(browser, below).page(Manner(Who.CLERK)) as page:
        missed = _missed(page)
        for path in PAGES:
            page.goto(below.url + path)

            assert [link for link in _addresses(page) if not link.startswith(f"{PREFIX}/")] == []
        cookies = {cookie["name"]: cookie["path"] for cookie in page.context.cookies()}

    assert missed == []
    assert cookies == dict.fromkeys(cookies, f"{PREFIX}/")
    assert {"session", "csrf"} <= cookies.keys()


def test_somebody_who_asks_for_a_page_below_the_prefix_logs_in_and_gets_it(
    below: Site, browser: Browser
) -> None:
    with People(browser, below).page(Manner()) as page:
        page.goto(f"{below.url}/inbox/")
        assert page.url.startswith(f"{below.url}/login/")

        email, password = below.credentials(Who.CLERK)
        page.locator("input[name=login]").fill(email)
        page.locator("input[name=password]").fill(password)
        page.keyboard.press("Enter")

        page.wait_for_url(f"{below.url}/inbox/")


def _missed(page: Page) -> list[str]:
    """Return a list that fills with what the page asks for in vain."""
    missed: list[str] = []

    def note(response: Response) -> None:
        if response.status >= 400:
            missed.append(f"{response.status} {response.url}")

    page.on("response", note)
    return missed


def _addresses(page: Page) -> list[str]:
    """Return every address of this host that the page names, as it names it."""
    found: list[str] = page.evaluate(_ADDRESSES)
    return found
