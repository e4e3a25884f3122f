from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography.x509 import DNSName
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from certificates.advice import advice_for
from certificates.models import Environment, TrustAnchor
from certificates.pki import describe
from certificates.services.trust import add_trust_anchors
from certificates.tests.builders import make_authority, make_client, make_server
from certificates.tests.rows import ACTOR, NOW
from certificates.tests.views.conftest import Town, told_by
from magda_portal.people.models import Organisation

Browser = Callable[[str], Client]
ROOT = make_authority("Overheid Root")
REFUSED = [("anonymous", 302), ("clerk", 403), ("helpdesk", 403)]


def anchor_of(organisation: Organisation | None, pem: bytes = ROOT.pem) -> TrustAnchor:
    (anchor,) = add_trust_anchors(
        pem, environment=Environment.TNI, organisation=organisation, actor=ACTOR
    )
    return anchor


def remove_url(anchor: TrustAnchor) -> str:
    return reverse("trust_anchor_remove", args=[anchor.pk])


def posted(town: Town, file: bytes) -> dict[str, object]:
    return {
        "organisation": town.organisation.pk,
        "environment": "TNI",
        "file": SimpleUploadedFile("a file", file),
    }


@pytest.mark.parametrize("role", ["clerk", "administrator", "helpdesk"])
def test_members_and_helpdesk_see_the_anchors_and_where_they_come_from(
    browser_of: Browser, town: Town, role: str
) -> None:
    anchor = anchor_of(town.organisation)

    page = browser_of(role).get(reverse("trust_anchors"))

    assert page.status_code == 200
    assert "Overheid Root" in page.text
    assert "Vlaamse overheid Root CA 2020" in page.text
    assert anchor.fingerprint[:2].upper() + ":" in page.text


def test_strangers_see_the_shared_anchors_only(browser_of: Browser, town: Town) -> None:
    anchor_of(town.organisation)
    anchor_of(None, make_authority("Gedeelde Root").pem)

    page = browser_of("stranger").get(reverse("trust_anchors"))

    assert "Overheid Root" not in page.text
    assert "Gedeelde Root" in page.text


def test_a_servers_own_certificate_is_shown_with_its_consequence(
    browser_of: Browser, town: Town
) -> None:
    anchor_of(town.organisation, make_server(DNSName("ftps.example"), issuer=ROOT).pem)

    page = browser_of("clerk").get(reverse("trust_anchors"))

    assert "server certificate" in page.text
    assert "You will be locked out on 2 May 2027 at the latest" in page.text


def test_an_authority_is_shown_with_its_consequence(browser_of: Browser, town: Town) -> None:
    anchor_of(town.organisation)

    page = browser_of("clerk").get(reverse("trust_anchors"))

    assert "A renewal of the server&#x27;s certificate is harmless. On 2 May 2027" in page.text


def confirmed(town: Town, certificates: bytes) -> dict[str, object]:
    return {
        "organisation": town.organisation.pk,
        "environment": "TNI",
        "certificates": certificates.decode().replace("\n", "\r\n"),  # as browsers send it
    }


def test_what_is_in_a_file_is_shown_before_anything_is_trusted(
    browser_of: Browser, town: Town
) -> None:
    known, new = anchor_of(town.organisation), make_authority("Overheid Issuing", issuer=ROOT)

    page = browser_of("administrator").post(
        reverse("trust_anchor_add"), posted(town, ROOT.pem + new.pem)
    )

    assert "Nothing is trusted yet." in page.text
    assert "Overheid Issuing" in page.text
    digits = describe(new.certificate).fingerprint.upper()
    assert ":".join(digits[at : at + 2] for at in range(0, 64, 2)) in page.text
    assert page.text.count("trusted already") == 1
    assert TrustAnchor.objects.get() == known


def test_an_administrator_adds_what_was_shown(browser_of: Browser, town: Town) -> None:
    browser = browser_of("administrator")
    shown = browser.post(reverse("trust_anchor_add"), posted(town, ROOT.der))

    page = browser.post(
        reverse("trust_anchor_add"), confirmed(town, shown.context["file"].encode()), follow=True
    )

    assert page.redirect_chain == [(reverse("trust_anchors"), 302)]
    assert "1 certificate is trusted." in page.text
    assert TrustAnchor.objects.get().organisation == town.organisation


def test_what_is_trusted_already_is_said_to_be(browser_of: Browser, town: Town) -> None:
    anchor_of(town.organisation)
    browser = browser_of("administrator")
    issuing = make_authority("Overheid Issuing", issuer=ROOT)

    same = browser.post(reverse("trust_anchor_add"), posted(town, ROOT.pem), follow=True)
    more = browser.post(
        reverse("trust_anchor_add"), confirmed(town, ROOT.pem + issuing.pem), follow=True
    )

    assert same.redirect_chain == [(reverse("trust_anchors"), 302)]
    assert "1 certificate was trusted already." in same.text
    assert "1 certificate is trusted. 1 certificate was trusted already." in more.text
    assert TrustAnchor.objects.count() == 2


def test_what_is_confirmed_is_judged_again(browser_of: Browser, town: Town) -> None:
    browser = browser_of("administrator")

    page = browser.post(
        reverse("trust_anchor_add"), confirmed(town, make_client().pem), follow=True
    )

    assert "neither an authority" in page.text
    assert not TrustAnchor.objects.exists()


@pytest.mark.parametrize("role", ["stranger", "commuter"])
def test_nobody_confirms_for_an_organisation_they_do_not_administer(
    browser_of: Browser, town: Town, role: str
) -> None:
    browser_of(role).post(reverse("trust_anchor_add"), confirmed(town, ROOT.pem))

    assert not TrustAnchor.objects.exists()


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (b"", "certificate.file_empty"),
        (b"no certificate", "certificate.unreadable"),
        (make_client(not_after=NOW - timedelta(days=1)).pem, "trust.expired"),
        (make_client().pem, "trust.not_a_server"),
    ],
)
def test_each_bad_file_says_what_is_wrong_and_adds_nothing(
    browser_of: Browser, town: Town, file: bytes, code: str
) -> None:
    page = browser_of("administrator").post(reverse("trust_anchor_add"), posted(town, file))

    (message,) = told_by(page.context["form"])
    assert message.startswith(str(advice_for(code).what))
    assert message.endswith(str(advice_for(code).next))
    assert not TrustAnchor.objects.exists()


@pytest.mark.parametrize("role", ["stranger", "commuter"])
def test_nobody_adds_an_anchor_for_an_organisation_they_do_not_administer(
    browser_of: Browser, town: Town, role: str
) -> None:
    page = browser_of(role).post(reverse("trust_anchor_add"), posted(town, ROOT.pem))

    assert page.context["form"].errors.keys() == {"organisation"}
    assert not TrustAnchor.objects.exists()


@pytest.mark.parametrize(("role", "status"), [*REFUSED, ("administrator", 200)])
def test_only_administrators_get_the_form(browser_of: Browser, role: str, status: int) -> None:
    assert browser_of(role).get(reverse("trust_anchor_add")).status_code == status


def test_removing_asks_first(browser_of: Browser, town: Town) -> None:
    anchor = anchor_of(town.organisation)

    page = browser_of("administrator").get(remove_url(anchor))

    assert page.status_code == 200
    assert TrustAnchor.objects.filter(pk=anchor.pk).exists()


def test_an_administrator_removes_an_anchor(browser_of: Browser, town: Town) -> None:
    anchor = anchor_of(town.organisation)

    page = browser_of("administrator").post(remove_url(anchor), follow=True)

    assert page.redirect_chain == [(reverse("trust_anchors"), 302)]
    assert not TrustAnchor.objects.exists()


@pytest.mark.parametrize(("role", "status"), [*REFUSED, ("commuter", 403), ("stranger", 404)])
def test_nobody_else_removes_it(browser_of: Browser, town: Town, role: str, status: int) -> None:
    anchor = anchor_of(town.organisation)

    assert browser_of(role).post(remove_url(anchor)).status_code == status
    assert TrustAnchor.objects.exists()


def test_a_shared_anchor_is_not_removed_on_a_page(browser_of: Browser) -> None:
    anchor = anchor_of(None)

    assert browser_of("administrator").post(remove_url(anchor)).status_code == 403
    assert TrustAnchor.objects.exists()


def test_a_missing_anchor_is_not_found(browser_of: Browser) -> None:
    url = reverse("trust_anchor_remove", args=[999])

    assert browser_of("administrator").post(url).status_code == 404


def test_wrong_methods_are_refused(browser_of: Browser, town: Town) -> None:
    browser = browser_of("administrator")

    assert browser.post(reverse("trust_anchors")).status_code == 405
    assert browser.put(reverse("trust_anchor_add")).status_code == 405
    assert browser.put(remove_url(anchor_of(town.organisation))).status_code == 405


def test_without_a_login_one_is_sent_to_it(browser_of: Browser) -> None:
    assert browser_of("anonymous").get(reverse("trust_anchors")).status_code == 302
