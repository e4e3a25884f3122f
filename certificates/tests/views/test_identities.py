import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from certificates.models import Certificate, ClientIdentity, RevocationState
from certificates.services.relay import activate_next, record_login_test
from certificates.services.trust import add_trust_anchors
from certificates.tests.builders import COMMON_NAME, make_authority, make_client
from certificates.tests.rows import (
    ACTOR,
    NOW,
    give_certificate,
    make_identity,
    make_organisation,
)
from certificates.tests.views.conftest import Town

Browser = Callable[[str], Client]
SEE = ["clerk", "administrator", "helpdesk", "commuter"]


def without_breaks(page: str) -> str:
    """Return a page without the places where a name may break."""
    return page.replace("<wbr>", "")


def show_url(town: Town) -> str:
    return reverse("identity_show", args=[town.identity.pk])


@pytest.mark.parametrize("role", SEE)
def test_members_and_helpdesk_see_the_list(browser_of: Browser, role: str) -> None:
    page = browser_of(role).get(reverse("certificates"))

    assert page.status_code == 200
    assert COMMON_NAME in without_breaks(page.text)
    assert "no certificate" in page.text


def test_nobody_sees_another_organisations_certificates(browser_of: Browser, town: Town) -> None:
    stranger = browser_of("stranger")

    assert COMMON_NAME not in without_breaks(stranger.get(reverse("certificates")).text)
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


def test_with_only_a_next_one_the_page_does_not_say_that_there_is_none(
    browser_of: Browser, town: Town
) -> None:
    give_certificate(town.identity, make_client(not_before=NOW + timedelta(days=1)).bundle())

    page = browser_of("clerk").get(show_url(town))

    assert "None is in use" in page.text
    assert "The next certificate waits below." in page.text
    assert "None has been imported" not in page.text
    assert "It is put in use on" in page.text


def test_with_only_old_ones_the_page_says_that_none_is_in_use(
    browser_of: Browser, town: Town
) -> None:
    give_certificate(town.identity)
    ClientIdentity.objects.update(current=None)

    page = browser_of("clerk").get(show_url(town))

    assert "Those listed below have been laid aside" in page.text
    assert "not in use" in page.text


def test_the_places_the_tests_and_the_revocation_are_told(browser_of: Browser, town: Town) -> None:
    old = give_certificate(town.identity)
    new = give_certificate(town.identity)
    activate_next(town.identity, actor=ACTOR, now=NOW)
    following = give_certificate(town.identity)
    Certificate.objects.filter(pk=old.pk).update(revocation=RevocationState.STALE)
    Certificate.objects.filter(pk=new.pk).update(revocation=RevocationState.GOOD)
    record_login_test(
        following,
        error_code="tls.client_rejected",
        detail="530 no",
        tls_version="",
        now=NOW,
        actor=ACTOR,
    )

    page = browser_of("clerk").get(show_url(town))

    for words in ("to fall back on", "list too old", "not revoked", "login failed"):
        assert words in page.text
    assert "No login with it has worked yet." in page.text
    assert "refused the certificate of this account" in page.text
    assert "530 no" not in page.text


def test_a_revoked_certificate_is_said_to_be(browser_of: Browser, town: Town) -> None:
    give_certificate(town.identity)
    Certificate.objects.update(revocation=RevocationState.REVOKED, revoked_at=NOW)
    browser = browser_of("clerk")

    assert "revoked on" in browser.get(show_url(town)).text
    assert "revoked" in browser.get(reverse("certificates")).text


def test_the_path_names_the_issuer_that_is_missing(browser_of: Browser, town: Town) -> None:
    root = make_authority("Overheid Root")
    issuing = make_authority("Overheid Issuing", issuer=root)
    give_certificate(town.identity, make_client(issuer=issuing).bundle(issuing))

    page = browser_of("clerk").get(show_url(town))

    assert "Overheid Issuing" in page.text
    assert "CN=Overheid Root,O=Practice,C=BE" in page.text
    assert "missing" in page.text


def test_the_path_ends_in_a_trust_anchor_even_when_it_did_not_come_along(
    browser_of: Browser, town: Town
) -> None:
    root = make_authority("Overheid Root")
    add_trust_anchors(root.pem, environment="TNI", organisation=town.organisation, actor=ACTOR)
    give_certificate(town.identity, make_client(issuer=root).bundle())

    page = browser_of("clerk").get(show_url(town))

    assert "ends in one of the trust anchors" in page.text


@pytest.mark.parametrize("role", SEE)
def test_only_an_administrator_is_offered_what_changes_something(
    browser_of: Browser, town: Town, role: str
) -> None:
    give_certificate(town.identity)
    certificate = give_certificate(town.identity)

    page = browser_of(role).get(show_url(town))

    for name in ("certificate_activate", "switch_plan", "next_discard", "request_make"):
        assert (reverse(name, args=[town.identity.pk]) in page.text) is (role == "administrator")
    export = reverse("key_pair_export", args=[town.identity.pk, certificate.pk])
    assert (export in page.text) is (role == "administrator")


def test_a_certificate_whose_key_is_destroyed_is_not_offered_with_its_key(
    browser_of: Browser, town: Town
) -> None:
    certificate = give_certificate(town.identity)
    export = reverse("key_pair_export", args=[town.identity.pk, certificate.pk])
    browser = browser_of("administrator")

    offered = browser.get(show_url(town)).text.count(export)
    town.identity.key_pairs.update(sealed_private_key=b"", destroyed_at=NOW)
    left = browser.get(show_url(town)).text

    assert offered == 2, "beside the certificate in use, and in the table"
    assert export not in left
    assert reverse("certificate_download", args=[town.identity.pk, certificate.pk, "pem"]) in left


def test_the_list_parses_no_certificate(browser_of: Browser, town: Town) -> None:
    """Columns hold what it shows; unreadable octets would fail the page."""
    give_certificate(town.identity)
    Certificate.objects.update(der=b"no certificate", chain_pem="no chain")

    assert "days left" in browser_of("clerk").get(reverse("certificates")).text


def test_the_list_takes_as_many_queries_for_many_as_for_one(
    browser_of: Browser, town: Town
) -> None:
    browser = browser_of("clerk")
    counts = []
    for number in range(3):
        give_certificate(make_identity(town.organisation, common_name=f"kb/{number}"))
        with CaptureQueriesContext(connection) as queries:
            browser.get(reverse("certificates"))
        counts.append(len(queries))

    assert len(set(counts[1:])) == 1


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

    assert COMMON_NAME in without_breaks(page.text)
    assert "kb/derde" not in page.text


@pytest.mark.parametrize("asked", ["999999", "x", ""])
def test_a_filter_for_nothing_known_shows_all_that_one_may_see(
    browser_of: Browser, asked: str
) -> None:
    page = browser_of("clerk").get(reverse("certificates"), {"organisation": asked})

    assert page.status_code == 200
    assert COMMON_NAME in without_breaks(page.text)


def test_a_missing_identity_is_not_found(browser_of: Browser) -> None:
    assert browser_of("clerk").get(reverse("identity_show", args=[999])).status_code == 404


def test_the_pages_are_only_for_reading(browser_of: Browser, town: Town) -> None:
    for url in (reverse("certificates"), show_url(town)):
        assert browser_of("administrator").post(url).status_code == 405


def test_without_a_login_one_is_sent_to_it(browser_of: Browser, town: Town) -> None:
    for url in (reverse("certificates"), show_url(town)):
        assert browser_of("anonymous").get(url).status_code == 302


def test_a_long_list_is_cut_in_pages_and_stays_quick(browser_of: Browser, town: Town) -> None:
    certificate = give_certificate(town.identity)
    ClientIdentity.objects.bulk_create(
        ClientIdentity(
            organisation=town.organisation,
            environment="PRD",
            common_name=f"kb/{number:05}",
            current=certificate,
        )
        for number in range(10_000)
    )
    browser = browser_of("clerk")

    began = time.perf_counter()
    pages = [browser.get(reverse("certificates"), {"page": page}) for page in ("1", "51", "x")]
    seconds = time.perf_counter() - began

    assert [page.text.count("<tr>") - 1 for page in pages] == [200, 1, 200]
    assert "Page 51 of 51" in pages[1].text
    assert seconds < 10
