"""Error pages that no click leads to, shown in the browser as the portal writes them."""

from urllib.parse import urlsplit

import pytest
from django.test import RequestFactory
from playwright.sync_api import Page, Route

from e2e.browsing import LOCALES, Manner, People
from e2e.checks.frame import frame_complaints
from e2e.checks.words import english_complaints
from e2e.looking import Look, complaints_at_both_widths
from e2e.watching import Watch
from magda_portal.web.plain_pages import plain_page

STATUSES = (400, 413, 500, 503, 507)


@pytest.mark.parametrize("language", list(LOCALES))
@pytest.mark.parametrize("status", STATUSES)
def test_a_page_that_stands_on_nothing_is_without_fault(
    status: int, language: str, people: People, look: Look
) -> None:
    with people.page(Manner(language=language)) as page:
        watch = Watch(page, expects_failure=True)
        watch.begin()
        _show(page, f"{people.site.url}/shown-as-{status}", status, language)
        found = watch.complaints(urlsplit(people.site.url).netloc)
        found += frame_complaints(page, language=language)
        found += english_complaints(page, language=language)
        found += complaints_at_both_widths(page, "", look.without_pictures())

    assert not found, "\n".join(found)


def _show(page: Page, address: str, status: int, language: str) -> None:
    """Have the browser get, at an address of the portal, what the portal answers when it fails."""
    request = RequestFactory().get("/", headers={"accept-language": language})
    answer = plain_page(request, status)

    def fulfil(route: Route) -> None:
        route.fulfill(status=status, body=answer.content, content_type="text/html; charset=utf-8")

    page.route(address, fulfil)
    page.goto(address)
