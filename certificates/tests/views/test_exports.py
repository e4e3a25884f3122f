from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from certificates.models import Certificate
from certificates.pki import describe, load_certificates, load_pkcs12
from certificates.tests.rows import NOW, give_certificate
from certificates.tests.views.conftest import Town
from magda_portal.audit.queries import events_for

Browser = Callable[[str], Client]
PASSWORD = "een lang wachtwoord"


@pytest.fixture
def certificate(town: Town) -> Certificate:
    town.administrator.set_password(PASSWORD)
    town.administrator.save()
    return give_certificate(town.identity)


@pytest.fixture
def confirmed(browser_of: Browser, certificate: Certificate) -> Client:
    """The administrator's browser, a moment after the password was given again."""
    browser = browser_of("administrator")
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return browser


def export_url(certificate: Certificate) -> str:
    return reverse("key_pair_export", args=[certificate.identity_id, certificate.pk])


def exports(town: Town) -> list[str]:
    return [event.actor_name for event in events_for(town.identity) if "exported" in event.action]


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_password_is_asked_again_first(
    browser_of: Browser, town: Town, certificate: Certificate, method: str
) -> None:
    passphrase = "k7mp-2xqr-9vbn-4wty-h3sd-zf8c"
    browser = browser_of("administrator")
    url = export_url(certificate)

    answer = getattr(browser, method)(url, {"passphrase": passphrase, "is_noted": "on"})

    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert passphrase not in str(dict(browser.session))
    assert exports(town) == []


def test_the_page_that_asks_says_why_and_leads_back(
    browser_of: Browser, certificate: Certificate
) -> None:
    page = browser_of("administrator").get(reverse("account_reauthenticate"))

    assert "private key" in page.text
    assert f'<a href="{reverse("certificates")}">Back' in page.text


def test_giving_it_leads_back_to_the_page(browser_of: Browser, certificate: Certificate) -> None:
    browser = browser_of("administrator")
    asked = browser.get(export_url(certificate))

    page = browser.post(asked["Location"], {"password": PASSWORD}, follow=True)

    assert page.redirect_chain[-1][0] == export_url(certificate)
    assert "Export a certificate with its key" in page.text


def test_after_a_while_the_password_is_asked_once_more(
    confirmed: Client, certificate: Certificate
) -> None:
    with time_machine.travel(NOW + timedelta(minutes=10), tick=False):
        answer = confirmed.get(export_url(certificate))

    assert answer.status_code == 302


def test_the_portal_makes_a_passphrase_and_the_file_opens_with_it(
    confirmed: Client, town: Town, certificate: Certificate
) -> None:
    page = confirmed.get(export_url(certificate))
    passphrase = page.context["form"]["passphrase"].value()

    answer = confirmed.post(export_url(certificate), {"passphrase": passphrase, "is_noted": "on"})

    assert passphrase in page.text
    assert "no-store" in page["Cache-Control"]
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Disposition"].endswith('.p12"')
    bundle = load_pkcs12(answer.content, password=passphrase)
    assert describe(bundle.certificate).fingerprint == certificate.fingerprint
    assert exports(town) == [str(town.administrator)]


@pytest.mark.parametrize(
    "fields",
    [
        {"passphrase": "k7mp-2xqr-9vbn-4wty-h3sd-zf8c"},
        {"passphrase": "kort", "is_noted": "on"},
        {"passphrase": "beheer@voorbeeld.example", "is_noted": "on"},
        {"passphrase": "", "is_noted": "on"},
    ],
    ids=["not noted", "short", "own address", "empty"],
)
def test_without_a_good_noted_passphrase_nothing_leaves(
    confirmed: Client, town: Town, certificate: Certificate, fields: dict[str, str]
) -> None:
    page = confirmed.post(export_url(certificate), fields)

    assert page.status_code == 200
    assert page.context["form"].errors
    assert exports(town) == []


@pytest.mark.parametrize(
    ("role", "status"),
    [("anonymous", 302), ("clerk", 403), ("commuter", 403), ("helpdesk", 403), ("stranger", 404)],
)
def test_only_an_administrator_of_the_organisation_exports_a_key(
    browser_of: Browser, town: Town, certificate: Certificate, role: str, status: int
) -> None:
    answer = browser_of(role).post(export_url(certificate), {"passphrase": "x", "is_noted": "on"})

    assert answer.status_code == status
    assert exports(town) == []


@pytest.mark.parametrize("role", ["clerk", "administrator", "helpdesk"])
@pytest.mark.parametrize("form", ["pem", "der"])
def test_the_certificate_itself_is_public_and_its_taking_is_told(
    browser_of: Browser, town: Town, certificate: Certificate, role: str, form: str
) -> None:
    url = reverse("certificate_download", args=[town.identity.pk, certificate.pk, form])

    answer = browser_of(role).get(url)

    assert describe(load_certificates(answer.content)[0]).fingerprint == certificate.fingerprint
    assert b"PRIVATE" not in answer.content
    assert exports(town) == [str(getattr(town, role))]


@pytest.mark.parametrize(("form", "role"), [("p12", "administrator"), ("pem", "stranger")])
def test_another_form_and_another_organisations_are_not_found(
    browser_of: Browser, town: Town, certificate: Certificate, form: str, role: str
) -> None:
    url = reverse("certificate_download", args=[town.identity.pk, certificate.pk, form])

    assert browser_of(role).get(url).status_code == 404
