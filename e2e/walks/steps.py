"""The pages as people use them: what is pressed and filled in, in one place."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from django.urls import reverse
from django.utils.translation import override
from playwright.sync_api import FilePayload, Locator, Page, expect

from e2e.browsing import words
from exchange.advice import advice_for

PATIENCE: Final = 90_000  # milliseconds, for what workers and MAGDA have to do first
_REASON: Final = "Nagekeken: dit bestand mag zo weg."


def follow(page: Page, name: str, *, inside: str = "main") -> None:
    """Follow the first link to a page, wherever it stands in a part of this one."""
    page.locator(f'{inside} a[href*="{reverse(name)}"]').first.click()


class Sending:
    """The way of files from the form to their cases."""

    def __init__(self, page: Page, language: str) -> None:
        self.page = page
        self.language = language

    def choose(self, account: str, files: Sequence[FilePayload]) -> None:
        """Choose an account and files, and have them checked."""
        self.page.get_by_label(re.compile(re.escape(account))).first.check()
        self.page.locator('main input[type="file"]').set_input_files(list(files))
        self.page.get_by_role("button", name=words("Check the files", self.language)).click()
        expect(self.page.locator("form.review")).to_be_visible(timeout=PATIENCE)

    def confirm(self) -> None:
        """Overrule what only warns, with a reason, and send all of it."""
        for box in self.page.locator("form.review textarea").all():
            box.fill(_REASON)
        for box in self.page.locator("form.review input[type=checkbox]").all():
            box.check()
        self.page.locator('form.review button[name="send"]').click()
        expect(self.cases().first).to_be_visible(timeout=PATIENCE)

    def cases(self) -> Locator:
        """Return the links to the cases of what was sent."""
        return self.page.locator('main a[href*="/transfers/"]')


class Case:
    """A request and its answer."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def _downloads(self) -> Locator:
        return self.page.locator('main a[href$="/content/"].au-c-button--primary')

    def await_answer(self) -> None:
        """Look again and again, as somebody does who waits, until the answer is there."""
        for _ in range(45):
            if self._downloads.count():
                return
            self.page.wait_for_timeout(2000)
            self.page.reload()
        raise AssertionError(f"No answer came: {self.page.locator('main').inner_text()[:2000]}")

    def download_answer(self) -> bytes:
        """Download the answer; return its content."""
        with self.page.expect_download() as download:
            self._downloads.first.click()
        return Path(download.value.path()).read_bytes()


def explanation_of(code: str, language: str) -> tuple[str, str]:
    """Return what happened and what to do next, as pages say it of an error."""
    advice = advice_for(code)
    return words(_plain(advice.what), language), words(_plain(advice.next), language)


def _plain(text: object) -> str:
    """Return the English text, which is what the catalogues know it by."""
    with override("en"):
        return str(text)
