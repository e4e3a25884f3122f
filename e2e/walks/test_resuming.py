"""An upload that breaks goes on where it was, by itself or after the page was loaded again."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from e2e.browsing import Manner, words
from e2e.looking import Look, complaints_at_both_widths
from e2e.running import Site
from e2e.walks.breaking import Network
from e2e.walks.steps import PATIENCE

ACCOUNT: Final = "practice.vlaanderen.be/demo-ftp"
MEGABYTE: Final = 1024**2
SIZE: Final = 30 * MEGABYTE

# Without them a form is sent whole.
pytestmark = pytest.mark.with_scripts


@pytest.fixture
def network(site: Site) -> Iterator[Network]:
    with Network(site.port) as between:
        yield between


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Make a file of 30 MB in which no place is like another."""
    path = tmp_path / f"groot_{uuid4().hex[:12]}.xml"
    marker = uuid4()
    with path.open("w", encoding="ascii") as content:
        content.write("<vraag>")
        for number in range(SIZE // 100):
            content.write(f"<p>{marker} {number:059d}</p>")
        content.write("</vraag>")
    return path


def choose(page: Page, file: Path) -> None:
    page.get_by_label(re.compile(re.escape(ACCOUNT))).first.check()
    page.locator('main input[type="file"]').set_input_files(file)
    page.locator("#send-form button[type=submit]").click()


def wait_until_held(page: Page, network: Network) -> None:
    """Wait until the upload hangs. The page itself can't tell: the system takes bytes from it."""
    for _ in range(300):
        if network.is_held:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"Only {network.sent} bytes came to the portal.")


def assert_kept(site: Site, file: Path) -> None:
    """Exactly this file stands in the portal's store, once."""
    expected = hashlib.sha256(file.read_bytes()).hexdigest()
    stored = [path for path in (site.data_dir / "payloads").glob("??/*") if path.is_file()]
    same_size = [path for path in stored if path.stat().st_size == file.stat().st_size]
    sums = [hashlib.sha256(path.read_bytes()).hexdigest() for path in same_size]
    assert sums.count(expected) == 1
    assert [path for path in stored if path.suffix == ".part"] == []


def test_an_upload_goes_on_by_itself_after_its_connection_was_cut(
    clerk: Page, site: Site, network: Network, file: Path
) -> None:
    clerk.goto(f"{network.url}/send/")
    before = network.sent
    network.cuts = [before + 12 * MEGABYTE, before + 26 * MEGABYTE]

    choose(clerk, file)

    expect(clerk.locator("form.review")).to_be_visible(timeout=PATIENCE)
    assert network.cuts == []
    # Twice at most the part that was on its way when the connection broke; who begins anew each
    # time sends 26 MB more than the file has.
    assert network.sent - before < file.stat().st_size + 2 * 9 * MEGABYTE, network.sent - before
    assert_kept(site, file)


def test_an_upload_goes_on_after_its_connection_died_without_a_word(
    clerk: Page, manner: Manner, site: Site, network: Network, file: Path
) -> None:
    clerk.clock.install()
    clerk.goto(f"{network.url}/send/")
    network.hold_at = network.sent + 12 * MEGABYTE
    choose(clerk, file)
    wait_until_held(clerk, network)

    clerk.clock.fast_forward("01:01")
    broken = words(
        "The connection broke. The upload goes on from here in {seconds} seconds.", manner.language
    )
    expect(clerk.locator(".upload-state")).to_have_text(broken.format(seconds=2))
    network.release()
    clerk.clock.fast_forward("00:05")

    expect(clerk.locator("form.review")).to_be_visible(timeout=PATIENCE)
    assert_kept(site, file)


def test_an_upload_goes_on_after_the_page_was_loaded_again(
    clerk: Page, site: Site, network: Network, file: Path, look: Look
) -> None:
    clerk.on("dialog", lambda dialog: dialog.accept())
    clerk.goto(f"{network.url}/send/")
    network.hold_at = network.sent + 20 * MEGABYTE
    choose(clerk, file)
    wait_until_held(clerk, network)

    network.release()
    network.cut()
    clerk.reload()
    part = clerk.locator("#unfinished li")
    expect(part).to_contain_text(file.name)
    # What the portal says that it has of the file, in percent.
    found = re.search(r"(\d+) %", part.inner_text())
    assert found is not None
    assert 50 <= int(found[1]) <= 70
    assert complaints_at_both_widths(clerk, "a part is here", look) == []
    before = network.sent
    choose(clerk, file)

    expect(clerk.locator("form.review")).to_be_visible(timeout=PATIENCE)
    assert network.sent - before < file.stat().st_size / 2 + MEGABYTE
    expect(clerk.locator("form.review")).to_contain_text(file.name)
    assert_kept(site, file)
    clerk.goto(f"{network.url}/send/")
    assert clerk.locator("#unfinished").count() == 0


def test_a_file_that_was_changed_meanwhile_is_not_mixed_with_its_first_part(
    clerk: Page, manner: Manner, site: Site, network: Network, file: Path
) -> None:
    clerk.on("dialog", lambda dialog: dialog.accept())
    clerk.goto(f"{network.url}/send/")
    network.hold_at = network.sent + 12 * MEGABYTE
    choose(clerk, file)
    wait_until_held(clerk, network)

    file.write_bytes(file.read_bytes().replace(b"<p>", b"<q>").replace(b"</p>", b"</q>"))
    network.release()
    network.cut()
    again = clerk.locator(".upload-again")
    expect(again).to_be_visible(timeout=PATIENCE)
    changed = words(
        "The file can no longer be read, or was changed meanwhile. Choose it again.",
        manner.language,
    )
    expect(clerk.locator(".upload-state")).to_have_text(changed)
    clerk.reload()
    choose(clerk, file)

    expect(clerk.locator("form.review")).to_be_visible(timeout=PATIENCE)
    expected = hashlib.sha256(file.read_bytes()).hexdigest()
    stored = (site.data_dir / "payloads").glob("??/*")
    assert expected in {
        hashlib.sha256(path.read_bytes()).hexdigest() for path in stored if not path.suffix
    }
    # Its old part is still offered, to be removed.
    clerk.goto(f"{network.url}/send/")
    row = clerk.locator("#unfinished li", has_text=file.name)
    row.locator("button").click()
    expect(row).to_have_count(0)
    assert not list((site.data_dir / "payloads").glob("??/*.part"))


def test_somebody_whose_session_ended_meanwhile_goes_on_after_logging_in(
    clerk: Page, manner: Manner, site: Site, network: Network, file: Path
) -> None:
    clerk.goto(f"{network.url}/send/")
    network.hold_at = network.sent + 12 * MEGABYTE
    choose(clerk, file)
    wait_until_held(clerk, network)
    session = {row["name"]: row["value"] for row in clerk.context.cookies()}
    clerk.context.clear_cookies()
    network.release()

    again = clerk.locator(".upload-again")
    expect(again).to_be_visible(timeout=PATIENCE)
    ended = words(
        "Your session has ended. Log in again in another window, come back here, and try again:"
        " the upload goes on from here.",
        manner.language,
    )
    expect(clerk.locator(".upload-state")).to_have_text(ended)
    before = network.sent
    # As after logging in again: the browser has a session of the same person.
    for name, value in session.items():
        clerk.context.add_cookies([{"name": name, "value": value, "url": network.url}])
    again.click()

    expect(clerk.locator("form.review")).to_be_visible(timeout=PATIENCE)
    assert network.sent - before < file.stat().st_size
    assert_kept(site, file)
