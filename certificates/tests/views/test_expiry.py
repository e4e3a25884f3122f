import re
import time
from collections.abc import Callable
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.urls import reverse

from certificates.models import (
    ExpiryNotice,
    ExpirySubscription,
    RevocationSource,
    RevocationState,
)
from certificates.services.expiry import notify_expiring
from certificates.tests.ends import (
    YEAR,
    end_current,
    make_anchor,
    make_list,
    make_server,
    make_sighting,
)
from certificates.tests.queries.test_expiring import make_many
from certificates.tests.rows import NOW, make_identity
from certificates.tests.views.conftest import Town
from certificates.views.expiry import PAGE_SIZE
from magda_portal.audit.models import AuditEvent

Browser = Callable[[str], Client]
PAGE = "/certificates/expiry/"
SVG = "{http://www.w3.org/2000/svg}"


def rows_of(page: str) -> list[str]:
    """Return the text of each row of the table, with single spaces."""
    body = page.partition("<tbody")[2].partition(">")[2].partition("</tbody>")[0]
    texts = [re.sub(r"<[^>]+>", " ", row) for row in body.split("</tr>")[:-1]]
    return [" ".join(text.split()) for text in texts]


def picture_of(page: str) -> ET.Element:
    found = re.search(r"<svg viewBox.*?</svg>", page, re.DOTALL)
    assert found
    return ET.fromstring(found[0].replace("<svg ", f'<svg xmlns="{SVG[1:-1]}" ', 1))


@pytest.mark.parametrize("role", ["clerk", "administrator", "helpdesk"])
def test_everything_that_can_break_something_stands_in_one_table(
    browser_of: Browser, town: Town, role: str
) -> None:
    end_current(town.identity, NOW + timedelta(days=14))
    make_anchor(town.organisation, NOW + YEAR)
    make_sighting(make_server(town.organisation), NOW - timedelta(days=1))
    make_list(NOW + timedelta(days=2), this_update=NOW)

    found = rows_of(browser_of(role).get(PAGE).text)

    assert [row.split(" ")[0] for row in found] == [
        "ftps.example:21",
        "CN=Issuing",
        town.identity.common_name.split(" ")[0],
        "CN=Issuing",
    ]
    for row, words in zip(
        found,
        [
            ["server certificate", "expired", "Whoever runs the server", "Tell those"],
            ["revocation list", "2 days left", "Upload the issuer's next list"],
            ["client certificate", "14 days left", "An administrator", "Request a new certificate"],
            ["trust anchor", "365 days left", "Add the authority's successor"],
        ],
        strict=True,
    ):
        for part in words:
            assert part.replace("'", "&#x27;") in row


def test_the_picture_shows_the_same_days_as_the_table(browser_of: Browser, town: Town) -> None:
    for days in (-3, 20, 200, 900):
        end = NOW + timedelta(days=days)
        make_anchor(town.organisation, end, not_before=NOW - YEAR)

    page = browser_of("clerk").get(PAGE).text

    picture = picture_of(page)
    described = picture.get("aria-labelledby", "").split()
    assert [picture.find(f"*[@id='{name}']") is not None for name in described] == [True, True]
    bars = picture.findall(f"{SVG}rect")
    assert [bar.get("class") for bar in bars] == [
        "picture-bad",
        "picture-attention",
        "picture-good",
        "picture-good",
    ]
    widths = [int(bar.get("width", "")) for bar in bars]
    assert widths == [3, round(510 * 20 / 365), round(510 * 200 / 365), 510]
    words = [text.text for text in picture.findall(f"{SVG}text")]
    for shown in ("expired", "20 days left", "200 days left", "900 days left"):
        assert shown in words
        assert any(shown in row for row in rows_of(page))


def test_a_long_name_is_shortened_in_the_picture_only(browser_of: Browser, town: Town) -> None:
    name = "kb.vlaanderen.be/aiv/" + "lang" * 20
    end_current(make_identity(town.organisation, common_name=name), NOW + YEAR)

    page = browser_of("clerk").get(PAGE).text

    assert f"{name[:35]}…" in [text.text for text in picture_of(page).findall(f"{SVG}text")]
    assert name in page


def test_a_revoked_certificate_and_an_overdue_list_say_so(browser_of: Browser, town: Town) -> None:
    end_current(
        town.identity, NOW + YEAR, revocation=RevocationState.REVOKED, issuer="CN=Issuing CA"
    )
    make_list(NOW - timedelta(days=1), this_update=NOW - timedelta(days=8))

    revoked, overdue = rows_of(browser_of("clerk").get(PAGE).text)

    assert "list too old" in overdue
    assert "revoked" in revoked


def test_a_list_that_is_fetched_soon_is_no_reason_to_worry(browser_of: Browser, town: Town) -> None:
    source = RevocationSource.objects.create(url="http://crl.example/a.crl", is_shared=True)
    make_list(NOW + timedelta(days=2), this_update=NOW, source=source)

    (bar,) = picture_of(browser_of("clerk").get(PAGE).text).findall(f"{SVG}rect")

    assert bar.get("class") == "picture-good"


def test_an_uploaded_list_is_late_in_its_last_quarter(browser_of: Browser, town: Town) -> None:
    end_current(town.identity, NOW + YEAR, issuer="CN=Issuing CA")
    make_list(NOW + timedelta(days=3), this_update=NOW - timedelta(days=4))
    early = browser_of("clerk").get(PAGE).text
    make_list(NOW + timedelta(days=1), this_update=NOW - timedelta(days=6))

    assert "badge-attention" not in early
    assert browser_of("clerk").get(PAGE).text.count("badge-attention") == 1


def test_a_stranger_sees_nothing_of_it(browser_of: Browser, town: Town) -> None:
    end_current(town.identity, NOW + YEAR)

    assert town.identity.common_name not in browser_of("stranger").get(PAGE).text


def test_the_list_can_be_narrowed_to_one_organisation(browser_of: Browser, town: Town) -> None:
    end_current(town.identity, NOW + YEAR)
    elsewhere = town.stranger.memberships.get().organisation
    end_current(make_identity(elsewhere, common_name="kb/elders"), NOW + YEAR)

    (row,) = rows_of(browser_of("helpdesk").get(PAGE, {"organisation": elsewhere.pk}).text)

    assert row.startswith("kb/elders")


@pytest.mark.parametrize("number", ["0", "2", "99999999999999999999", "x"])
def test_long_lists_come_in_pages_and_odd_numbers_do_no_harm(
    browser_of: Browser, town: Town, number: str
) -> None:
    for day in range(PAGE_SIZE + 2):
        make_anchor(town.organisation, NOW + timedelta(days=day))

    found = rows_of(browser_of("clerk").get(PAGE, {"page": number}).text)

    assert len(found) == (PAGE_SIZE if number == "x" else 2)


def test_ten_thousand_certificates_are_shown_within_a_second(
    browser_of: Browser, town: Town
) -> None:
    make_many(10_000)
    browser = browser_of("helpdesk")
    browser.get(reverse("health_live"))

    began = time.process_time()
    page = browser.get(PAGE)
    took = time.process_time() - began

    assert len(rows_of(page.text)) == PAGE_SIZE
    assert took < 1


# --- acknowledging


@pytest.fixture
def notice(town: Town) -> ExpiryNotice:
    """The warning of two weeks before the end of the town's certificate."""
    end_current(town.identity, NOW + timedelta(days=14))
    notify_expiring(now=NOW)
    return ExpiryNotice.objects.get(threshold_days=14)


def acknowledge_url(notice: ExpiryNotice) -> str:
    return reverse("expiry_acknowledge", args=[notice.pk])


def test_an_administrator_acknowledges_a_warning(
    browser_of: Browser, town: Town, notice: ExpiryNotice
) -> None:
    browser = browser_of("administrator")
    before = browser.get(PAGE).text
    page = browser.post(acknowledge_url(notice), follow=True)

    assert acknowledge_url(notice) in before
    assert page.redirect_chain == [(PAGE, 302)]
    assert acknowledge_url(notice) not in page.text
    notice.refresh_from_db()
    assert notice.acknowledged_by == town.administrator


def test_who_acknowledged_a_warning_stays_on_the_page(
    browser_of: Browser, town: Town, notice: ExpiryNotice
) -> None:
    browser = browser_of("administrator")
    url = reverse("expiry_acknowledge", args=[notice.pk])

    (row,) = rows_of(browser.post(url, follow=True).text)

    assert f"{town.administrator} acknowledged it on" in row
    assert url not in browser.get(PAGE).text


@pytest.mark.parametrize("role", ["clerk", "commuter", "helpdesk"])
def test_others_who_see_it_can_not(browser_of: Browser, notice: ExpiryNotice, role: str) -> None:
    browser = browser_of(role)

    page = browser.get(PAGE).text

    assert "was warned on" in page
    assert acknowledge_url(notice) not in page
    assert browser.post(acknowledge_url(notice)).status_code == 403


def test_a_stranger_and_a_missing_one_are_not_found(
    browser_of: Browser, notice: ExpiryNotice
) -> None:
    assert browser_of("stranger").post(acknowledge_url(notice)).status_code == 404
    missing = reverse("expiry_acknowledge", args=[10**30])
    assert browser_of("administrator").post(missing).status_code == 404


# --- asking for mail


def test_a_member_asks_for_mail_and_stops_it(browser_of: Browser, town: Town) -> None:
    browser = browser_of("clerk")
    asked = browser.post(reverse("expiry_warn", args=[town.organisation.pk]), follow=True)
    subscription = ExpirySubscription.objects.get()
    stopped = browser.post(reverse("expiry_stop_warning", args=[town.organisation.pk]), follow=True)

    assert "you are mailed" in asked.text
    assert subscription.person == town.clerk
    assert "Warn me by mail" in stopped.text
    assert not ExpirySubscription.objects.exists()
    assert AuditEvent.objects.filter(action__startswith="expiry.").count() == 2


@pytest.mark.parametrize("role", ["stranger", "helpdesk"])
@pytest.mark.parametrize("name", ["expiry_warn", "expiry_stop_warning"])
def test_who_is_no_member_can_not(browser_of: Browser, town: Town, role: str, name: str) -> None:
    page = browser_of(role).post(reverse(name, args=[town.organisation.pk]))

    assert page.status_code == 404


def test_wrong_methods_are_refused(browser_of: Browser, town: Town, notice: ExpiryNotice) -> None:
    browser = browser_of("administrator")

    assert browser.post(PAGE).status_code == 405
    assert browser.get(acknowledge_url(notice)).status_code == 405
    for name in ("expiry_warn", "expiry_stop_warning"):
        assert browser.get(reverse(name, args=[town.organisation.pk])).status_code == 405


def test_without_a_login_one_is_sent_to_it(browser_of: Browser) -> None:
    assert browser_of("anonymous").get(PAGE).status_code == 302
