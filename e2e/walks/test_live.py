"""Pages that stand open keep themselves up to date, and disturb nobody."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

import pytest
from playwright.sync_api import Page, Request, Route, expect

from e2e.browsing import Manner, People, words
from e2e.running import Site, Who
from e2e.walks.files import new_request
from e2e.walks.steps import PATIENCE, Sending
from e2e.walks.test_clerk import ACCOUNT

pytestmark = pytest.mark.one_manner

LOOK: Final = 10_000  # milliseconds between two looks of a page that was just loaded
_LISTEN: Final = """
window.heard = [];
document.addEventListener("DOMContentLoaded", () => {
  const news = document.getElementById("live-news");
  if (news) new MutationObserver(() => news.textContent && heard.push(news.textContent))
    .observe(news, { childList: true, characterData: true, subtree: true });
});
"""
_COURSE: Final = '<section class="card" aria-labelledby="course">'
_HIDE: Final = """
(hidden) => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}
"""


@pytest.fixture
def reader(people: People, manner: Manner) -> Iterator[Page]:
    """Give a clerk whose clock can be put forward, and who notes what is read aloud."""
    with people.page(replace(manner, who=Who.CLERK)) as page:
        page.add_init_script(_LISTEN)
        page.clock.install()
        yield page


def is_look(request: Request) -> bool:
    return "version=" in request.url


def look_again(page: Page) -> None:
    """Let time pass until the page has looked once more."""
    with page.expect_event("requestfinished", is_look):
        page.clock.fast_forward(LOOK + 1000)
    page.wait_for_timeout(200)


def answer_with(page: Page, changed: Callable[[str], str], *, status: int = 200) -> None:
    """Let the portal's answers come with something changed, as if it had happened there."""

    def answer(route: Route) -> None:
        # A page that knows no version gets all of the newest.
        url = re.sub(r"version=\w+", "version=none", route.request.url)
        body = changed(route.fetch(url=url).text())
        route.fulfill(status=status, body=body, content_type="text/html; charset=utf-8")

    page.route(re.compile("version="), answer)


def test_a_case_moves_without_being_loaded_again(clerk: Page, manner: Manner, site: Site) -> None:
    clerk.add_init_script(_LISTEN)
    clerk.goto(f"{site.url}/send/")
    request = new_request()
    sending = Sending(clerk, manner.language)
    sending.choose(ACCOUNT, [request])
    sending.confirm()
    sending.cases().first.click()
    clerk.evaluate("window.isTheSamePage = true")

    answered = re.compile(words("answered", manner.language))
    expect(clerk.locator("#stage")).to_contain_text(answered, timeout=PATIENCE)

    assert clerk.evaluate("window.isTheSamePage")
    sentence = words("%(name)s was answered.", manner.language) % {"name": request["name"]}
    clerk.wait_for_function("(sentence) => heard.includes(sentence)", arg=sentence)


def add_form(body: str) -> str:
    """Return a page of a case with a form that asks for a reason, as uncertain ones have."""
    form = '<form action="/x/"><label>? <textarea name="reason"></textarea></label></form>'
    return re.sub(_COURSE, form + r"\g<0>", body)


def test_what_somebody_types_stays(reader: Page, manner: Manner, site: Site) -> None:
    case = f"{site.url}/transfers/{site.keys['waiting']}/"
    reader.route(case, lambda route: route.fulfill(body=add_form(route.fetch().text())))
    reader.goto(case)
    field = reader.locator("main [name=reason]")
    field.fill("Gebeld met MAGDA")
    moved = 'id="stage" title="moved"'
    answer_with(reader, lambda body: add_form(body.replace('id="stage"', moved)))

    look_again(reader)

    expect(reader.locator("#stage")).to_have_attribute("title", "moved")
    expect(field).to_have_value("Gebeld met MAGDA")
    expect(field).to_be_focused()
    expect(reader.locator('[data-when="held"]')).to_be_hidden()


def test_what_was_opened_stays_open(reader: Page, manner: Manner, site: Site) -> None:
    reader.goto(site.url)
    table = reader.locator("details.numbers").last
    table.locator("summary").click()
    answer_with(reader, lambda body: body.replace('id="needs"', 'id="needs" title="moved"'))

    look_again(reader)

    expect(reader.locator("#needs")).to_have_attribute("title", "moved")
    expect(table).to_have_attribute("open", "")
    expect(table.locator("summary")).to_be_focused()


def test_a_form_that_somebody_fills_in_is_not_taken_away(
    reader: Page, manner: Manner, site: Site
) -> None:
    case = f"{site.url}/transfers/{site.keys['waiting']}/"
    reader.route(case, lambda route: route.fulfill(body=add_form(route.fetch().text())))
    reader.goto(case)
    field = reader.locator("main [name=reason]")
    field.fill("Gebeld met MAGDA")
    answer_with(reader, lambda body: body)

    look_again(reader)

    expect(field).to_have_value("Gebeld met MAGDA")
    expect(field).to_be_focused()
    expect(reader.locator('[data-when="held"]')).to_be_visible()

    field.fill("")
    reader.locator("main h1").click()
    expect(field).to_have_count(0)
    expect(reader.locator('[data-when="held"]')).to_be_hidden()


def test_who_is_logged_out_is_told_so_and_sees_no_login_page_in_the_midst(
    reader: Page, manner: Manner, site: Site
) -> None:
    reader.goto(f"{site.url}/transfers/")
    shown = reader.locator("#live").inner_text()
    reader.context.clear_cookies(name="session")

    look_again(reader)

    told = reader.locator('[data-when="out"]')
    expect(told).to_be_visible()
    assert reader.locator("#live").inner_text() == shown
    assert reader.locator("input[name=password]").count() == 0
    assert reader.url == f"{site.url}/transfers/"
    told.get_by_role("link").click()
    expect(reader.locator("input[name=password]")).to_be_visible()


def test_a_page_asks_ever_more_rarely_and_not_at_all_while_nobody_sees_it(
    reader: Page, manner: Manner, site: Site
) -> None:
    looks: list[str] = []
    reader.route(re.compile("version="), lambda route: route.fulfill(status=304))
    reader.on("request", lambda request: looks.append(request.url) if is_look(request) else None)
    reader.goto(f"{site.url}/inbox/")
    for _ in range(6):
        look_again(reader)
    assert len(looks) == 6

    reader.clock.fast_forward(20_000)
    reader.wait_for_timeout(300)
    assert len(looks) == 6
    reader.clock.fast_forward(11_000)
    reader.wait_for_timeout(300)
    assert len(looks) == 7

    reader.evaluate(_HIDE, True)
    reader.clock.fast_forward(600_000)
    reader.wait_for_timeout(300)
    assert len(looks) == 7
    with reader.expect_request(re.compile("version=")):
        reader.evaluate(_HIDE, False)


def test_a_page_asks_no_more_when_nothing_can_move(
    reader: Page, manner: Manner, site: Site
) -> None:
    looks: list[str] = []
    reader.on("request", lambda request: looks.append(request.url) if is_look(request) else None)
    reader.goto(f"{site.url}/transfers/{site.keys['waiting']}/")
    answer_with(
        reader, lambda body: body.replace('id="stage"', 'id="stage" title="end"'), status=286
    )

    look_again(reader)
    reader.clock.fast_forward(600_000)
    reader.wait_for_timeout(300)

    expect(reader.locator("#stage")).to_have_attribute("title", "end")
    assert len(looks) == 1


def test_a_portal_that_is_away_is_told_and_asked_again(
    reader: Page, manner: Manner, site: Site
) -> None:
    reader.goto(f"{site.url}/transfers/")
    reader.route(re.compile("version="), lambda route: route.fulfill(status=503))
    for _ in range(4):
        reader.clock.fast_forward(31_000)
        reader.wait_for_timeout(200)
    expect(reader.locator('#live-trouble [data-when="away"]')).to_be_visible()

    reader.unroute(re.compile("version="))
    reader.clock.fast_forward(121_000)

    expect(reader.locator('#live-trouble [data-when="away"]')).to_be_hidden()


def test_without_scripts_a_link_looks_again(people: People, site: Site) -> None:
    with people.page(Manner(Who.CLERK, scripts=False)) as page:
        page.goto(f"{site.url}/transfers/?state=failed")
        page.locator(".look-again a").click()

        assert page.url == f"{site.url}/transfers/?state=failed"
        assert page.locator("h1").count() == 1
