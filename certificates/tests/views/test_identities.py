from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from certificates.tests.builders import COMMON_NAME, make_authority, make_client
from certificates.tests.rows import NOW, give_certificate, make_identity, make_organisation
from certificates.tests.views.conftest import Town

Browser = Callable[[str], Client]
SEE = ["clerk", "administrator", "helpdesk", "commuter"]


def show_url(town: Town) -> str:
    return reverse("identity_show", args=[town.identity.pk])


@pytest.mark.parametrize("role", SEE)
def test_members_and_helpdesk_see_the_list(browser_of: Browser, role: str) -> None:
    page = browser_of(role).get(reverse("certificates"))

    assert page.status_code == 200
    assert COMMON_NAME in page.text
    assert "no certificate" in page.text


def test_nobody_sees_another_organisations_certificates(browser_of: Browser, town: Town) -> None:
    stranger = browser_of("stranger")

    assert COMMON_NAME not in stranger.get(reverse("certificates")).text
    assert stranger.get(show_url(town)).status_code == 404


@pytest.mark.parametrize("role", SEE)
def test_members_and_helpdesk_see_one_identity(browser_of: Browser, town: Town, role: str) -> None:
    root = make_authority("Overheid Root")
    issued = make_client(issuer=root, not_after=NOW + timedelta(days=20, hours=1))
    certificate = give_certificate(town.identity, issued.bundle(root))

    page = browser_of(role).get(show_url(town))

    assert page.status_code == 200
    for part in ("20 days left", certificate.serial, "Overheid Root", "certificate activated"):
        assert part in page.text


@pytest.mark.parametrize("role", SEE)
def test_only_an_administrator_of_the_organisation_is_offered_the_import(
    browser_of: Browser, town: Town, role: str
) -> None:
    page = browser_of(role).get(show_url(town))

    offered = reverse("certificate_import", args=[town.identity.pk]) in page.text
    assert offered is (role == "administrator")


def test_the_badge_tells_expired_from_waiting(browser_of: Browser, town: Town) -> None:
    short = make_client(not_after=NOW - timedelta(days=1))
    give_certificate(town.identity, short.bundle(), at=NOW - timedelta(days=2))
    give_certificate(town.identity, make_client(not_before=NOW + timedelta(days=1)).bundle())

    page = browser_of("clerk").get(show_url(town))

    assert "expired" in page.text
    assert "not valid yet" in page.text


def test_a_common_name_is_shown_as_text_and_never_as_markup(
    browser_of: Browser, town: Town
) -> None:
    identity = make_identity(town.organisation, common_name="<b>kb</b>/x")

    page = browser_of("clerk").get(reverse("identity_show", args=[identity.pk]))

    assert "&lt;b&gt;kb" in page.text
    assert "<b>kb" not in page.text


def test_the_list_can_be_about_one_organisation(browser_of: Browser, town: Town) -> None:
    make_identity(make_organisation("Derde"), common_name="kb/derde")

    page = browser_of("helpdesk").get(
        reverse("certificates"), {"organisation": town.organisation.pk}
    )

    assert COMMON_NAME in page.text
    assert "kb/derde" not in page.text


@pytest.mark.parametrize("asked", ["999999", "x", ""])
def test_a_filter_for_nothing_known_shows_all_that_one_may_see(
    browser_of: Browser, asked: str
) -> None:
    page = browser_of("clerk").get(reverse("certificates"), {"organisation": asked})

    assert page.status_code == 200
    assert COMMON_NAME in page.text


def test_a_missing_identity_is_not_found(browser_of: Browser) -> None:
    assert browser_of("clerk").get(reverse("identity_show", args=[999])).status_code == 404


def test_the_pages_are_only_for_reading(browser_of: Browser, town: Town) -> None:
    for url in (reverse("certificates"), show_url(town)):
        assert browser_of("administrator").post(url).status_code == 405


def test_without_a_login_one_is_sent_to_it(browser_of: Browser, town: Town) -> None:
    for url in (reverse("certificates"), show_url(town)):
        assert browser_of("anonymous").get(url).status_code == 302
