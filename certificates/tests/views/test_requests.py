from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from certificates.forms.country_names import country_name
from certificates.models import CertificateRequest, KeyPair
from certificates.pki import COUNTRY_CODES, load_request
from certificates.services.bundles import opened_key
from certificates.services.key_pairs import destroy_key_pair, keep_key_pair, set_destruction
from certificates.tests.builders import COMMON_NAME, make_client, make_key
from certificates.tests.rows import ACTOR, NOW, give_certificate, make_identity
from certificates.tests.views.conftest import Town
from magda_portal.audit.queries import events_for

Browser = Callable[[str], Client]
NEW_KEY = {"key": "new EC P-256", "country": "BE"}


def make_url(town: Town) -> str:
    return reverse("request_make", args=[town.identity.pk])


def made_by(browser_of: Browser, town: Town) -> CertificateRequest:
    browser_of("administrator").post(make_url(town), NEW_KEY)
    return CertificateRequest.objects.get()


def test_the_common_name_is_shown_and_is_no_field(browser_of: Browser, town: Town) -> None:
    page = browser_of("administrator").get(make_url(town))

    assert f'<strong class="name">{COMMON_NAME}</strong>' in page.text
    assert 'name="common_name"' not in page.text
    assert "A new key is wiser" in page.text


@pytest.mark.parametrize("country", ["BE", "EU", "UK", "IC", ""])
def test_a_request_is_made_with_assigned_and_reserved_countries(
    browser_of: Browser, town: Town, country: str
) -> None:
    fields = {**NEW_KEY, "country": country, "organisation": "Gemeente", "common_name": "evil"}

    page = browser_of("administrator").post(make_url(town), fields, follow=True)

    made = CertificateRequest.objects.get()
    assert page.redirect_chain[0][0] == reverse("request_show", args=[town.identity.pk, made.pk])
    subject = load_request(bytes(made.der)).subject.rfc4514_string()
    assert subject == f"CN={COMMON_NAME},O=Gemeente" + (f",C={country}" if country else "")


def test_countries_are_chosen_by_name_in_the_language_of_the_page(
    browser_of: Browser, town: Town
) -> None:
    browser = browser_of("administrator")
    english = browser.get(make_url(town)).text
    browser.cookies["django_language"] = "nl"
    dutch = browser.get(make_url(town)).text

    assert '<option value="BE" selected>Belgium (BE)</option>' in english
    assert '<option value="EU">European Union (EU)</option>' in english
    assert '<option value="BE" selected>België (BE)</option>' in dutch
    # By name and not by code, an accent notwithstanding.
    order = ["Åland (AX)", "Albanië (AL)", "Duitsland (DE)", "Zwitserland (CH)", "Ascension (AC)"]
    places = [dutch.index(f">{name}</option>") for name in order]
    assert places == sorted(places)


def test_every_country_has_a_name() -> None:
    unnamed = [code for code in COUNTRY_CODES if country_name(code) == code]

    assert unnamed == []


@pytest.mark.parametrize(
    "wrong",
    [{"country": "XX"}, {"key": "new RSA 1024"}, {"key": "11111111-1111-1111-1111-111111111111"}],
)
def test_what_is_not_offered_is_refused(
    browser_of: Browser, town: Town, wrong: dict[str, str]
) -> None:
    page = browser_of("administrator").post(make_url(town), {**NEW_KEY, **wrong})

    assert page.status_code == 200
    assert "is not one of the available choices" in page.text
    assert not KeyPair.objects.exists()


def test_a_field_that_no_certificate_takes_says_so(browser_of: Browser, town: Town) -> None:
    page = browser_of("administrator").post(make_url(town), {**NEW_KEY, "email": "no address"})

    assert page.status_code == 200
    assert page.context["form"].errors.keys() == {"email"}
    assert not KeyPair.objects.exists()


def test_the_key_of_the_certificate_in_use_is_offered_again(
    browser_of: Browser, town: Town
) -> None:
    certificate = give_certificate(town.identity)

    page = browser_of("administrator").post(
        make_url(town), {**NEW_KEY, "key": str(certificate.key_pair.pk)}, follow=True
    )

    assert CertificateRequest.objects.get().key_pair == certificate.key_pair
    assert "For a renewal" in page.text


def test_a_key_that_was_to_be_destroyed_is_said_to_stay(browser_of: Browser, town: Town) -> None:
    key_pair = keep_key_pair(town.identity, make_key(), actor=ACTOR)
    set_destruction(key_pair, NOW + timedelta(days=9), actor=ACTOR, now=NOW)

    page = browser_of("administrator").post(
        make_url(town), {**NEW_KEY, "key": str(key_pair.pk)}, follow=True
    )

    assert "The key is no longer to be destroyed." in page.text
    key_pair.refresh_from_db()
    assert key_pair.destroy_at is None


def test_a_destroyed_key_is_not_offered(browser_of: Browser, town: Town) -> None:
    key_pair = keep_key_pair(town.identity, make_key(), actor=ACTOR)
    destroy_key_pair(key_pair, actor=ACTOR, now=NOW)

    assert str(key_pair.pk) not in browser_of("administrator").get(make_url(town)).text


@pytest.mark.parametrize("role", ["clerk", "administrator", "helpdesk"])
def test_its_page_shows_the_way_through_vo_dcb(browser_of: Browser, town: Town, role: str) -> None:
    made = made_by(browser_of, town)

    page = browser_of(role).get(reverse("request_show", args=[town.identity.pk, made.pk]))

    for words in ("https://dcb.vlaanderen.be", "VODCB@vlaanderen.be", "SSL Client", COMMON_NAME):
        assert words in page.text
    assert ("Download the request" in page.text) is (role == "administrator")


@pytest.mark.parametrize("form", ["pem", "der"])
def test_the_request_is_handed_out_and_the_trail_tells(
    browser_of: Browser, town: Town, form: str
) -> None:
    made = made_by(browser_of, town)
    url = reverse("request_download", args=[town.identity.pk, made.pk, form])

    answer = browser_of("administrator").get(url)

    assert load_request(answer.content) == load_request(bytes(made.der))
    assert answer["Content-Type"] == "application/octet-stream"
    name = f'filename="kb.vlaanderen.be-aiv-burgerloket-wwoom-aip.csr.{form}"'
    assert name in answer["Content-Disposition"]
    last = events_for(town.identity).last()
    assert last is not None
    assert (last.action, last.actor_name) == ("certificate_request.taken", str(town.administrator))


def test_another_form_is_not_found(browser_of: Browser, town: Town) -> None:
    made = made_by(browser_of, town)

    url = reverse("request_download", args=[town.identity.pk, made.pk, "exe"])

    assert browser_of("administrator").get(url).status_code == 404


def test_a_request_of_another_identity_is_not_found_under_this_one(
    browser_of: Browser, town: Town
) -> None:
    made = made_by(browser_of, town)
    other = make_identity(town.organisation, common_name="kb/other")
    CertificateRequest.objects.update(identity=other)

    url = reverse("request_show", args=[town.identity.pk, made.pk])

    assert browser_of("administrator").get(url).status_code == 404


@pytest.mark.parametrize(
    ("role", "status"),
    [("anonymous", 302), ("clerk", 403), ("commuter", 403), ("helpdesk", 403), ("stranger", 404)],
)
def test_only_an_administrator_of_the_organisation_makes_and_takes_one(
    browser_of: Browser, town: Town, role: str, status: int
) -> None:
    made = made_by(browser_of, town)
    file = reverse("request_download", args=[town.identity.pk, made.pk, "pem"])
    events = events_for(town.identity).count()

    answers = browser_of(role).post(make_url(town), NEW_KEY), browser_of(role).get(file)

    assert [answer.status_code for answer in answers] == [status, status]
    assert events_for(town.identity).count() == events


def test_what_vo_dcb_issues_for_it_is_imported_without_a_key_file(
    browser_of: Browser, town: Town
) -> None:
    made = made_by(browser_of, town)
    issued = make_client(key=opened_key(made.key_pair))

    page = browser_of("administrator").post(
        reverse("certificate_import", args=[town.identity.pk]),
        {"file": SimpleUploadedFile("x.pem", issued.pem), "complete": "yes"},
        follow=True,
    )

    assert "The certificate is in use." in page.text
