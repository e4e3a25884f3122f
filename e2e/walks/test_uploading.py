"""Uploads that are cancelled, removed, or sent from another window while a page stands open."""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.browsing import Manner, words
from e2e.running import Site
from e2e.walks.breaking import Network
from e2e.walks.files import new_request
from e2e.walks.steps import PATIENCE, Sending
from exchange.tests.views.tus.client import metadata

ACCOUNT: Final = "practice.vlaanderen.be/demo-ftp"
# When the files were changed last, in seconds since 1970.
CHANGED: Final = 1_700_000_000
TOLD: Final = {"modified": f"{CHANGED}000"}

pytestmark = pytest.mark.one_manner


@pytest.fixture
def network(site: Site) -> Iterator[Network]:
    with Network(site.port) as between:
        yield between


def account_in(page: Page) -> Locator:
    return page.get_by_label(re.compile(re.escape(ACCOUNT))).first


class Program:
    """Another window of the same person, as far as the portal can tell."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.account = str(account_in(page).get_attribute("value"))
        self.address = ""

    def send(
        self, method: str, address: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> int:
        token = self.page.locator("#send-form [name=csrfmiddlewaretoken]").input_value()
        answer = self.page.request.fetch(
            self.page.url.split("/send/")[0] + address,
            method=method,
            data=body,
            headers={"Tus-Resumable": "1.0.0", "X-CSRFToken": token, **headers},
        )
        self.address = answer.headers.get("location", self.address)
        return answer.status

    def begin(self, file: Path, **told: str) -> None:
        """Bring the first 10 bytes of a file; ``told`` is what else is said of it."""
        described = metadata(filename=file.name, account=self.account, **told)
        length = str(file.stat().st_size)
        headers = {"Upload-Length": length, "Upload-Metadata": described}
        assert self.send("POST", "/send/uploads/", headers) == 201
        self.append(file.read_bytes()[:10], offset=0)

    def append(self, content: bytes, *, offset: int) -> None:
        kind = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
        assert self.send("PATCH", self.address, kind, content) == 204


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = []
    for _ in range(2):
        request = new_request()
        paths.append(tmp_path / request["name"])
        paths[-1].write_bytes(request["buffer"])
        os.utime(paths[-1], (CHANGED, CHANGED))
    return paths


def choose(page: Page, files: list[Path]) -> None:
    account_in(page).check()
    page.locator('main input[type="file"]').set_input_files(files)
    page.locator("#send-form button[type=submit]").click()


def test_a_file_that_became_whole_after_the_page_was_loaded_is_sent_with_the_others(
    clerk: Page, site: Site, files: list[Path]
) -> None:
    clerk.goto(f"{site.url}/send/")
    other = Program(clerk)
    other.begin(files[0], **TOLD)
    clerk.reload()
    expect(clerk.locator("#unfinished")).to_contain_text(files[0].name)
    other.append(files[0].read_bytes()[10:], offset=10)

    choose(clerk, files)

    expect(clerk.locator("form.review")).to_be_visible(timeout=PATIENCE)
    for file in files:
        expect(clerk.locator("form.review")).to_contain_text(file.name)


def test_a_file_that_was_sent_from_another_window_meanwhile_is_not_told_as_one_of_these(
    clerk: Page, manner: Manner, site: Site, files: list[Path]
) -> None:
    clerk.goto(f"{site.url}/send/")
    first = Program(clerk)
    first.begin(files[0], **TOLD)
    clerk.reload()
    window = clerk.context.new_page()
    window.goto(f"{site.url}/send/")
    choose(window, files[:1])
    expect(window.locator("form.review")).to_be_visible(timeout=PATIENCE)
    Sending(window, manner.language).confirm()
    window.close()

    choose(clerk, files)

    links = clerk.locator("#upload-list a.upload-review")
    expect(links).to_have_count(2)
    expect(links.nth(1)).to_be_visible(timeout=PATIENCE)
    alone = words("Look at {file}", manner.language)
    expect(links).to_have_text([alone.format(file=file.name) for file in files])
    expect(clerk.locator("#upload-go-on")).to_be_hidden()
    apart = words(
        "These files are not together: one of them was sent meanwhile, in another window."
        " Look at each of them by its own link.",
        manner.language,
    )
    expect(clerk.locator("#upload-status")).to_have_text(apart)
    links.nth(1).click()
    expect(clerk.locator("form.review")).to_contain_text(files[1].name)
    expect(clerk.locator("form.review")).not_to_contain_text(files[0].name)


def test_an_upload_of_which_nothing_came_is_taken_back_when_it_is_cancelled(
    clerk: Page, site: Site, network: Network, files: list[Path]
) -> None:
    files[0].write_bytes(b"<vraag>" + b"x" * 4 * 1024**2 + b"</vraag>")
    clerk.goto(f"{network.url}/send/")
    network.hold_at = network.sent + 1024**2
    with clerk.expect_response(re.compile(r"/send/uploads/$")) as begun:
        choose(clerk, files[:1])
    address = begun.value.headers["location"]
    for _ in range(300):
        if network.is_held:
            break
        clerk.wait_for_timeout(100)

    removed = re.compile(re.escape(address))
    with clerk.expect_request(removed, timeout=PATIENCE) as request:
        clerk.locator(".upload-cancel").click()
        network.release()

    assert request.value.method == "DELETE"
    answer = request.value.response()
    assert answer is not None
    assert answer.status == 204
    clerk.locator(".upload-again").click()
    expect(clerk.locator("form.review")).to_be_visible(timeout=PATIENCE)


def test_who_removes_a_part_without_a_session_is_told_so(
    clerk: Page, manner: Manner, site: Site, files: list[Path]
) -> None:
    clerk.goto(f"{site.url}/send/")
    other = Program(clerk)
    other.begin(files[0], **TOLD)
    clerk.reload()
    row = clerk.locator("#unfinished li", has_text=files[0].name)
    session = clerk.context.cookies()
    clerk.context.clear_cookies()

    row.locator("button").click()

    ended = words(
        "Your session has ended. Log in again, load this page again, and remove the part then.",
        manner.language,
    )
    expect(clerk.locator("#unfinished-status")).to_have_text(ended)
    expect(row).to_have_count(1)
    clerk.context.add_cookies(session)  # type: ignore[arg-type]  # as they were read
    row.locator("button").click()
    expect(row).to_have_count(0)
    assert other.send("HEAD", other.address, {}) == 404


def test_a_part_whose_age_nobody_told_is_not_called_another_file(
    clerk: Page, site: Site, files: list[Path]
) -> None:
    clerk.goto(f"{site.url}/send/")
    other = Program(clerk)
    other.begin(files[0])
    clerk.reload()
    # One that the portal refuses, so that the next page does not come by itself.
    files[1].write_bytes(b"")

    choose(clerk, files)

    expect(clerk.locator("#upload-go-on")).to_be_visible(timeout=PATIENCE)
    expect(clerk.locator(".upload-note").first).to_be_hidden()
    assert other.send("DELETE", other.address, {}) == 204
