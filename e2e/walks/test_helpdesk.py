"""The helpdesk finds what went wrong with somebody's file, and can explain it."""

from playwright.sync_api import Page, expect

from e2e.browsing import Manner
from e2e.running import Site
from e2e.walks.steps import explanation_of, follow


def test_the_helpdesk_finds_a_failed_transfer_and_explains_it(
    helpdesk: Page, manner: Manner, site: Site
) -> None:
    helpdesk.goto(site.url)
    follow(helpdesk, "transfers", inside="nav")
    search = helpdesk.locator('main form[method="get"]')
    search.locator('input[type="search"], input[type="text"]').first.fill("mislukt")
    search.locator("button").first.click()
    helpdesk.locator("main").get_by_role("link", name="mislukt.xml").first.click()

    what, following = explanation_of("file.denied", manner.language)
    expect(helpdesk.locator("main")).to_contain_text(what)
    expect(helpdesk.locator("main")).to_contain_text(following)
    assert helpdesk.locator('main a[href$="/content/"]').count() == 0
