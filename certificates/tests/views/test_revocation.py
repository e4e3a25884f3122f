from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from certificates.advice import advice_for
from certificates.models import (
    Certificate,
    Environment,
    RevocationList,
    RevocationSource,
    RevocationState,
)
from certificates.pki import LARGEST_LIST
from certificates.services.revocation import accept_list
from certificates.services.trust import add_trust_anchors
from certificates.tests.builders import make_authority, make_client
from certificates.tests.lists import DAY, der_of, make_list
from certificates.tests.rows import ACTOR, NOW, give_certificate
from certificates.tests.views.conftest import Town, told_by

Browser = Callable[[str], Client]
ROOT = make_authority("Overheid Root")
URL = "http://crl.example/root.crl"


@pytest.fixture
def anchored(town: Town) -> None:
    add_trust_anchors(ROOT.pem, environment=Environment.TNI, organisation=None, actor=ACTOR)


def fetched(**source: object) -> RevocationList:
    given = RevocationSource.objects.create(
        **{"url": URL, "last_fetched_at": NOW, "is_shared": True, **source}
    )
    return accept_list(der_of(make_list(ROOT, at=NOW)), source=given, actor=ACTOR, now=NOW)


def shown(browser_of: Browser, role: str = "clerk") -> str:
    page = browser_of(role).get(reverse("revocation_lists"))
    assert page.status_code == 200
    return page.text


def upload(browser_of: Browser, file: bytes, role: str = "administrator") -> object:
    return browser_of(role).post(
        reverse("revocation_list_upload"), {"file": SimpleUploadedFile("a.crl", file)}, follow=True
    )


@pytest.mark.usefixtures("anchored")
@pytest.mark.parametrize("role", ["clerk", "administrator", "helpdesk", "stranger"])
def test_everybody_sees_the_lists_of_shared_anchors_with_their_age(
    browser_of: Browser, role: str
) -> None:
    fetched()

    text = shown(browser_of, role)

    for part in ("Overheid Root", URL, "up to date", "2027-01-22"):
        assert part in text


@pytest.mark.usefixtures("anchored")
@pytest.mark.parametrize(
    ("role", "sees"), [("clerk", False), ("stranger", True), ("commuter", True), ("helpdesk", True)]
)
def test_what_only_another_organisation_names_is_not_shown(
    browser_of: Browser, town: Town, role: str, *, sees: bool
) -> None:
    """Addresses and issuers tell whom the others deal with."""
    (elsewhere,) = town.stranger.memberships.values_list("organisation", flat=True)
    found = fetched(is_shared=False)
    assert found.source is not None
    found.source.organisations.add(elsewhere)

    text = shown(browser_of, role)

    assert (URL in text, "Overheid Root" in text) == (sees, sees)


@pytest.mark.parametrize(("role", "sees"), [("clerk", False), ("stranger", True)])
def test_a_list_that_came_by_hand_is_shown_to_those_who_use_its_issuer(
    browser_of: Browser, town: Town, role: str, *, sees: bool
) -> None:
    (membership,) = town.stranger.memberships.all()
    add_trust_anchors(
        ROOT.pem, environment=Environment.TNI, organisation=membership.organisation, actor=ACTOR
    )
    accept_list(der_of(make_list(ROOT, at=NOW)), actor=ACTOR, now=NOW)

    assert ("Overheid Root" in shown(browser_of, role)) is sees


@pytest.mark.usefixtures("anchored")
def test_a_list_that_is_too_old_says_so(browser_of: Browser) -> None:
    fetched()
    RevocationList.objects.update(next_update=NOW - DAY, this_update=NOW - 8 * DAY)

    text = shown(browser_of)

    assert "too old" in text
    assert "1\xa0week, 1\xa0day old" in text


@pytest.mark.usefixtures("anchored")
def test_a_source_that_fails_tells_why_since_when_and_what_to_do(browser_of: Browser) -> None:
    fetched(error_code="download.private_address", failures=3, failing_since=NOW - 2 * DAY)

    text = shown(browser_of)

    advice = advice_for("download.private_address")
    assert "leads to a private address" in text
    assert str(advice.next).split(";", maxsplit=1)[0] in text
    assert "3 failed tries" in text
    assert (NOW - 2 * DAY).strftime("%Y-%m-%d") in text
    # The failure takes nothing from the list.
    assert "up to date" in text


def test_a_source_without_a_list_is_shown_before_and_after_it_fails(
    browser_of: Browser, town: Town
) -> None:
    RevocationSource.objects.create(url=URL).organisations.add(town.organisation)
    assert "not fetched yet" in shown(browser_of)

    RevocationSource.objects.update(error_code="download.name", failing_since=NOW, failures=1)

    assert "no list" in shown(browser_of)


def test_the_four_states_are_counted_for_what_one_sees(browser_of: Browser, town: Town) -> None:
    give_certificate(town.identity)
    Certificate.objects.update(revocation=RevocationState.STALE)

    counts = {
        role: [
            row.count for row in browser_of(role).get(reverse("revocation_lists")).context["states"]
        ]
        for role in ("clerk", "helpdesk", "stranger")
    }

    assert counts == {"clerk": [0, 0, 0, 1], "helpdesk": [0, 0, 0, 1], "stranger": [0, 0, 0, 0]}


@pytest.mark.usefixtures("anchored")
def test_an_administrator_uploads_a_list(browser_of: Browser) -> None:
    page = upload(browser_of, der_of(make_list(ROOT, make_client().certificate, at=NOW)))

    assert page.redirect_chain == [(reverse("revocation_lists"), 302)]  # type: ignore[attr-defined]  # the test client adds it
    row = RevocationList.objects.get()
    assert (row.source, row.entry_count) == (None, 1)
    assert "uploaded" in shown(browser_of)


@pytest.mark.usefixtures("anchored")
def test_an_uploaded_list_is_believed_at_once(browser_of: Browser, town: Town) -> None:
    client = make_client(town.identity.common_name, issuer=ROOT)
    certificate = give_certificate(town.identity, client.bundle())

    upload(browser_of, der_of(make_list(ROOT, client.certificate, at=NOW)))

    certificate.refresh_from_db()
    assert certificate.revocation == RevocationState.REVOKED


@pytest.mark.usefixtures("anchored")
@pytest.mark.parametrize(
    ("file", "code"),
    [
        (b"", "revocation.unreadable"),
        (b"garbage", "revocation.unreadable"),
        (b"x" * (LARGEST_LIST + 1), "revocation.too_large"),
        (der_of(make_list(make_authority("Nobody"), at=NOW)), "revocation.issuer_unknown"),
        (der_of(make_list(make_authority("Overheid Root"), at=NOW)), "revocation.bad_signature"),
        (der_of(make_list(ROOT, at=NOW - 8 * DAY)), "revocation.stale"),
        (der_of(make_list(ROOT, at=NOW + DAY)), "revocation.not_yet_valid"),
    ],
)
def test_each_bad_file_says_what_is_wrong_and_changes_nothing(
    browser_of: Browser, file: bytes, code: str
) -> None:
    page = upload(browser_of, file)

    (message,) = told_by(page.context["form"])  # type: ignore[attr-defined]  # the test client adds it
    assert message.startswith(str(advice_for(code).what))
    assert message.endswith(str(advice_for(code).next))
    assert not RevocationList.objects.exists()


@pytest.mark.parametrize(
    ("role", "status"),
    [("anonymous", 302), ("clerk", 403), ("helpdesk", 403), ("administrator", 200)],
)
def test_only_administrators_upload(browser_of: Browser, role: str, status: int) -> None:
    assert browser_of(role).get(reverse("revocation_list_upload")).status_code == status


def test_without_a_login_one_is_sent_to_it(browser_of: Browser) -> None:
    assert browser_of("anonymous").get(reverse("revocation_lists")).status_code == 302


def test_wrong_methods_are_refused(browser_of: Browser) -> None:
    browser = browser_of("administrator")

    assert browser.post(reverse("revocation_lists")).status_code == 405
    assert browser.put(reverse("revocation_list_upload")).status_code == 405


@pytest.mark.usefixtures("anchored")
def test_the_page_reads_no_list(browser_of: Browser) -> None:
    """The lists of large authorities have megabytes."""
    fetched()
    browser = browser_of("clerk")

    with CaptureQueriesContext(connection) as queries:
        browser.get(reverse("revocation_lists"))

    about_lists = [query["sql"] for query in queries if "revocationlist" in query["sql"]]
    assert len(about_lists) == 2
    assert not any('"der"' in sql for sql in about_lists)


@pytest.mark.usefixtures("anchored")
def test_the_list_ends_at_the_moment_it_names(browser_of: Browser) -> None:
    fetched()
    RevocationList.objects.update(next_update=NOW)
    assert "up to date" in shown(browser_of)

    RevocationList.objects.update(next_update=NOW - timedelta(seconds=1))

    assert "up to date" not in shown(browser_of)
