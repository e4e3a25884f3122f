"""Browsers for people: who is logged in, in which language, on how wide a screen."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from django.utils.translation import gettext, override
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, StorageState

from e2e.running import Site, Who

WIDE: Final = 1280
NARROW: Final = 320
HEIGHTS: Final = {WIDE: 900, NARROW: 640}
LOCALES: Final = {"nl": "nl-BE", "en": "en-GB"}


@dataclass(frozen=True, slots=True)
class Manner:
    """How somebody comes to the portal."""

    who: Who = Who.NOBODY
    language: str = "nl"
    width: int = WIDE
    scripts: bool = True

    def __str__(self) -> str:
        scripts = "" if self.scripts else "-no-js"
        return f"{self.who}-{self.language}-{self.width}{scripts}"


def launch(playwright: Playwright) -> Browser:
    """Start the Chromium of this machine. Raises RuntimeError when there is none."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise RuntimeError("There is no Chromium; `make e2e` installs it when it runs as root.")
    # Its sandbox refuses to run as root.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(
        executable_path=path, args=[*arguments, "--disable-gpu", "--hide-scrollbars"]
    )


class People:
    """Opens pages for people; each logs in once for each language."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self._browser = browser
        self.site = site
        self._states: dict[tuple[Who, str], StorageState] = {}

    @contextmanager
    def page(self, manner: Manner) -> Iterator[Page]:
        """Give an empty page of a new browser window, logged in as its manner says."""
        with self._window(manner, self._state(manner)) as window:
            yield window.new_page()

    def _state(self, manner: Manner) -> StorageState | None:
        if manner.who is Who.NOBODY:
            return None
        known = (manner.who, manner.language)
        if known not in self._states:
            self._states[known] = self._log_in(manner)
        return self._states[known]

    def _log_in(self, manner: Manner) -> StorageState:
        with self._window(replace(manner, scripts=True), None) as window:
            page = window.new_page()
            log_in(page, self.site, manner)
            return window.storage_state()

    @contextmanager
    def _window(self, manner: Manner, state: StorageState | None) -> Iterator[BrowserContext]:
        window = self._browser.new_context(
            base_url=self.site.url,
            locale=LOCALES[manner.language],
            timezone_id="Europe/Brussels",
            viewport={"width": manner.width, "height": HEIGHTS[manner.width]},
            java_script_enabled=manner.scripts,
            storage_state=state,
        )
        try:
            yield window
        finally:
            window.close()


def log_in(page: Page, site: Site, manner: Manner) -> None:
    """Log in by keyboard, as people do."""
    email, password = site.credentials(manner.who)
    page.goto(f"{site.url}/login/")
    page.locator("input[name=login]").fill(email)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.url}/")


def words(text: str, language: str) -> str:
    """Return a text of the portal as its pages show it in a language."""
    with override(language):
        return gettext(text)
