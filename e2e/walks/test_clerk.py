"""A clerk sends files, and downloads what MAGDA answers."""

import pytest
from playwright.sync_api import Page, expect

from e2e.browsing import Manner
from e2e.running import Site
from e2e.walks.files import new_request
from e2e.walks.steps import Case, Sending, follow

ACCOUNT = "practice.vlaanderen.be/demo-ftp"


@pytest.mark.every_manner
def test_a_clerk_sends_three_files_and_downloads_an_answer(
    clerk: Page, manner: Manner, site: Site
) -> None:
    clerk.goto(site.url)
    follow(clerk, "send")
    sending = Sending(clerk, manner.language)
    sending.choose(ACCOUNT, [new_request() for _ in range(3)])
    sending.confirm()

    expect(sending.cases()).to_have_count(3)
    sending.cases().first.click()
    case = Case(clerk)
    case.await_answer()

    assert b"<Antwoord" in case.download_answer()


def test_what_was_sent_is_not_sent_again_by_going_back(
    clerk: Page, manner: Manner, site: Site
) -> None:
    clerk.goto(f"{site.url}/send/")
    sending = Sending(clerk, manner.language)
    sending.choose(ACCOUNT, [new_request()])
    review = clerk.url
    sending.confirm()
    first = clerk.url

    clerk.goto(review)

    assert clerk.locator('form.review button[name="send"]').count() == 0
    clerk.goto(first)
    expect(clerk.locator("h1")).to_have_count(1)
