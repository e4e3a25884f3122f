from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.urls import reverse

from certificates.advice import advice_for
from certificates.models import Certificate, KeyPair
from certificates.pki import KeyBundle, dump_pkcs12
from certificates.services.key_pairs import keep_key_pair
from certificates.services.relay import plan_switch
from certificates.services.uploads import LARGEST_FILE
from certificates.tests.builders import (
    COMMON_NAME,
    SERVER_AUTH,
    Issued,
    make_authority,
    make_client,
    make_key,
    rsa_key,
)
from certificates.tests.rows import ACTOR, NOW, give_certificate
from certificates.tests.views.conftest import Town, told_by
from magda_portal.audit.models import AuditEvent

Browser = Callable[[str], Client]
FIXTURES = Path(__file__).parents[2] / "pki" / "tests" / "fixtures"
PASSWORD = "practice"


def import_url(town: Town) -> str:
    return reverse("certificate_import", args=[town.identity.pk])


def stored(name: str) -> bytes:
    return (FIXTURES / f"{name}.p12").read_bytes()


def posted(file: bytes, *, key: bytes | None = None, passphrase: str = "") -> dict[str, object]:
    fields: dict[str, object] = {
        "file": SimpleUploadedFile("a file", file),
        "passphrase": passphrase,
        "complete": "yes",
    }
    if key is not None:
        fields["key"] = SimpleUploadedFile("a key", key)
    return fields


def pkcs12(bundle: KeyBundle) -> dict[str, object]:
    file = dump_pkcs12(bundle, password=PASSWORD, friendly_name="x")
    return posted(file, passphrase=PASSWORD)


def key_of(issued: Issued) -> bytes:
    return issued.bundle().private_key_pem


GOOD: dict[str, Callable[[], dict[str, object]]] = {
    "PKCS#12": lambda: pkcs12(make_client().bundle()),
    "PKCS#12 with RC2 and 3DES": lambda: posted(stored("rc2_40_and_3des"), passphrase=PASSWORD),
    "PEM and key": lambda: posted((made := make_client()).pem, key=key_of(made)),
    "DER and key": lambda: posted((made := make_client()).der, key=key_of(made)),
    "one PEM file": lambda: posted((made := make_client()).pem + key_of(made)),
}

BAD: dict[str, Callable[[], dict[str, object]]] = {
    "certificate.file_empty": lambda: posted(b""),
    "certificate.file_too_large": lambda: posted(b"x" * (LARGEST_FILE + 1)),
    "certificate.key_missing": lambda: posted(make_client().pem),
    "certificate.unreadable": lambda: posted(b"\x00\xff no certificate"),
    "certificate.common_name": lambda: pkcs12(make_client("kb/other").bundle()),
    "certificate.expired": lambda: pkcs12(make_client(not_after=NOW - timedelta(days=1)).bundle()),
    "certificate.not_for_clients": lambda: pkcs12(make_client(purposes=SERVER_AUTH).bundle()),
    "certificate.is_authority": lambda: pkcs12(
        make_authority(COMMON_NAME, issuer=make_authority()).bundle()
    ),
    "key.mismatch": lambda: posted(make_client().pem, key=key_of(make_client())),
    "key.too_weak": lambda: pkcs12(make_client(key=rsa_key(1024)).bundle()),
    "key.unreadable": lambda: posted(make_client().pem, key=b"no key"),
    "pkcs12.wrong_password": lambda: posted(stored("rc2_40"), passphrase="wrong"),
    "pkcs12.no_key": lambda: posted(stored("no_key"), passphrase=PASSWORD),
    "pkcs12.no_certificate": lambda: posted(stored("no_certificate"), passphrase=PASSWORD),
    "pkcs12.no_mac": lambda: posted(stored("no_mac"), passphrase=PASSWORD),
    "pkcs12.unsupported": lambda: posted(stored("camellia"), passphrase=PASSWORD),
    "pkcs12.too_costly": lambda: posted(stored("costly"), passphrase=PASSWORD),
}


@pytest.mark.parametrize("kind", GOOD)
def test_a_certificate_in_every_form_is_put_in_use(
    browser_of: Browser, town: Town, kind: str
) -> None:
    page = browser_of("administrator").post(import_url(town), GOOD[kind](), follow=True)

    assert page.redirect_chain == [(reverse("identity_show", args=[town.identity.pk]), 302)]
    assert "The certificate is in use." in page.text
    town.identity.refresh_from_db()
    assert town.identity.current is not None


@pytest.mark.parametrize("code", BAD)
def test_each_bad_file_says_what_is_wrong_and_what_to_do_and_leaves_nothing(
    browser_of: Browser, town: Town, code: str
) -> None:
    events = AuditEvent.objects.filter(subject_type="clientidentity").count()

    page = browser_of("administrator").post(import_url(town), BAD[code]())

    assert page.status_code == 200
    (message,) = told_by(page.context["form"])
    assert message.startswith(str(advice_for(code).what))
    assert message.endswith(str(advice_for(code).next))
    assert not Certificate.objects.exists()
    assert not KeyPair.objects.exists()
    assert AuditEvent.objects.filter(subject_type="clientidentity").count() == events


def test_the_names_are_told_when_they_differ(browser_of: Browser, town: Town) -> None:
    page = browser_of("administrator").post(import_url(town), BAD["certificate.common_name"]())

    assert "“kb/other”" in page.text
    assert f"“{COMMON_NAME}”" in page.text


def test_a_form_without_a_file_asks_for_it(browser_of: Browser, town: Town) -> None:
    page = browser_of("administrator").post(import_url(town), {"complete": "yes"})

    assert page.status_code == 200
    assert page.context["form"].errors.keys() == {"file"}


def test_the_empty_part_that_a_browser_sends_for_no_key_does_no_harm(
    browser_of: Browser, town: Town
) -> None:
    made = make_client()
    part = '--b\r\nContent-Disposition: form-data; name="{}"; filename="{}"\r\n\r\n{}\r\n'
    file = part.format("file", "a.pem", (made.pem + key_of(made)).decode())
    last = '--b\r\nContent-Disposition: form-data; name="complete"\r\n\r\nyes\r\n--b--\r\n'
    body = file + part.format("key", "", "") + last

    page = browser_of("administrator").post(
        import_url(town), body.encode(), content_type="multipart/form-data; boundary=b"
    )

    assert page.status_code == 302


def test_the_password_never_comes_back(browser_of: Browser, town: Town) -> None:
    secret = "a-password-nobody-should-see"
    page = browser_of("administrator").post(
        import_url(town), posted(stored("rc2_40"), passphrase=secret)
    )

    assert secret not in page.text


def test_one_that_is_not_valid_yet_is_said_to_wait(browser_of: Browser, town: Town) -> None:
    bundle = make_client(not_before=NOW + timedelta(days=1)).bundle()
    page = browser_of("administrator").post(import_url(town), pkcs12(bundle), follow=True)

    assert "put in use as soon as its period begins" in page.text
    assert "clock" not in page.text


def test_one_whose_period_begins_in_minutes_is_said_to_come_from_another_clock(
    browser_of: Browser, town: Town
) -> None:
    bundle = make_client(not_before=NOW + timedelta(minutes=3)).bundle()
    page = browser_of("administrator").post(import_url(town), pkcs12(bundle), follow=True)

    assert "begins in 3 minutes" in page.text
    assert "clock is probably ahead" in page.text


def test_one_beside_another_in_use_is_said_to_be_the_next(browser_of: Browser, town: Town) -> None:
    give_certificate(town.identity)

    page = browser_of("administrator").post(
        import_url(town), pkcs12(make_client().bundle()), follow=True
    )

    assert "kept as the next one" in page.text
    assert reverse("certificate_activate", args=[town.identity.pk]) in page.text


def test_a_planned_switch_that_it_calls_off_is_told(browser_of: Browser, town: Town) -> None:
    for _ in range(2):
        give_certificate(town.identity)
    plan_switch(town.identity, NOW + timedelta(days=1), actor=ACTOR, now=NOW)

    page = browser_of("administrator").post(
        import_url(town), pkcs12(make_client().bundle()), follow=True
    )

    assert "The switch that was planned for 16 Jan. 2027 13:00:00 is called off" in page.text


def test_the_next_imported_again_is_said_to_wait_for_the_planned_moment(
    browser_of: Browser, town: Town
) -> None:
    """Its period may begin long before, and MAGDA's side changes at the moment that was set."""
    bundle = make_client().bundle()
    give_certificate(town.identity)
    give_certificate(town.identity, bundle)
    plan_switch(town.identity, NOW + timedelta(days=1), actor=ACTOR, now=NOW)

    page = browser_of("administrator").post(import_url(town), pkcs12(bundle), follow=True)

    assert "to be put in use on 16 Jan. 2027 13:00:00." in page.text
    assert "called off" not in page.text
    assert "as soon as its period begins" not in page.text


def test_one_that_is_here_is_said_to_be(browser_of: Browser, town: Town) -> None:
    bundle = make_client().bundle()
    give_certificate(town.identity, bundle)

    page = browser_of("administrator").post(import_url(town), pkcs12(bundle), follow=True)

    assert "This certificate was here already." in page.text


@pytest.mark.parametrize(
    ("file", "says_old", "says_why"),
    [("rc2_40", True, True), ("3des", True, False), ("aes_256", False, False)],
)
def test_an_old_file_is_said_to_be_wrapped_anew(
    browser_of: Browser, town: Town, file: str, says_old: bool, says_why: bool
) -> None:
    """The message that people have seen elsewhere comes from RC2 and RC4 only."""
    page = browser_of("administrator").post(
        import_url(town), posted(stored(file), passphrase=PASSWORD), follow=True
    )

    assert ("keeps the key under AES-256" in page.text) is says_old
    assert ("digital envelope routines::unsupported" in page.text) is says_why


def test_a_certificate_alone_joins_the_key_that_was_made_here(
    browser_of: Browser, town: Town
) -> None:
    key = make_key()
    keep_key_pair(town.identity, key, actor=ACTOR)

    page = browser_of("administrator").post(
        import_url(town), posted(make_client(key=key).pem), follow=True
    )

    assert "The certificate is in use." in page.text


def test_a_body_that_was_cut_short_is_said_to_be(browser_of: Browser, town: Town) -> None:
    """The web server hands on what came; the file alone would look like none was chosen."""
    fields = GOOD["PKCS#12"]()
    del fields["complete"]

    page = browser_of("administrator").post(import_url(town), fields)

    assert page.status_code == 400
    assert "cut short" in page.text
    assert not Certificate.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("anonymous", 302),
        ("clerk", 403),
        ("commuter", 403),
        ("helpdesk", 403),
        ("stranger", 404),
        ("administrator", 200),
    ],
)
def test_only_an_administrator_of_the_organisation_imports(
    browser_of: Browser, town: Town, role: str, status: int, method: str
) -> None:
    answer = getattr(browser_of(role), method)(import_url(town), {"complete": "yes"})

    assert answer.status_code == status


def test_a_refused_person_leaves_nothing(browser_of: Browser, town: Town) -> None:
    for role in ("anonymous", "clerk", "commuter", "helpdesk", "stranger"):
        browser_of(role).post(import_url(town), GOOD["PKCS#12"]())

    assert not Certificate.objects.exists()


def test_a_missing_identity_is_not_found(browser_of: Browser) -> None:
    url = reverse("certificate_import", args=[999])

    assert browser_of("administrator").get(url).status_code == 404


def test_other_methods_are_refused(browser_of: Browser, town: Town) -> None:
    assert browser_of("administrator").put(import_url(town)).status_code == 405


def test_a_form_from_another_site_is_refused(town: Town) -> None:
    """The view reads uploads its own way, which must not switch the protection off."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(town.administrator, "allauth.account.auth_backends.AuthenticationBackend")

    answer = browser.post(import_url(town), GOOD["PKCS#12"]())

    assert answer.status_code == 403
    assert not Certificate.objects.exists()


@override_settings(FILE_UPLOAD_TEMP_DIR="/nonexistent")
def test_an_uploaded_key_never_reaches_the_disk(browser_of: Browser, town: Town) -> None:
    """There is no folder for it, so an upload that passes through a file fails."""
    page = browser_of("administrator").post(import_url(town), GOOD["PEM and key"]())

    assert page.status_code == 302


def test_what_is_wrong_stands_at_its_field_and_above_the_form(
    browser_of: Browser, town: Town
) -> None:
    page = browser_of("administrator").post(import_url(town), BAD["certificate.expired"]())

    assert page.context["form"].errors.keys() == {"file"}
    assert "<title>Error: Import a certificate" in page.text
    assert 'role="alert" tabindex="-1" autofocus' in page.text
    assert '<a href="#id_file">Certificate</a>' in page.text
    field = page.text.partition('type="file" name="file"')[2].partition(">")[0]
    assert 'aria-invalid="true"' in field
    assert "id_file_error" in field


def test_a_wrong_password_is_told_at_the_password(browser_of: Browser, town: Town) -> None:
    page = browser_of("administrator").post(import_url(town), BAD["pkcs12.wrong_password"]())

    assert page.context["form"].errors.keys() == {"passphrase"}


def test_a_replaced_next_certificate_and_a_period_to_come_are_told(
    browser_of: Browser, town: Town
) -> None:
    give_certificate(town.identity)
    replaced = give_certificate(town.identity)
    made = make_client(not_before=NOW + timedelta(days=3))

    page = browser_of("administrator").post(import_url(town), pkcs12(made.bundle()), follow=True)

    assert f"The certificate {replaced.serial}, which was the next until now" in page.text
    assert "It can be used from 18 Jan" in page.text


def test_the_issuers_that_come_with_a_known_certificate_are_said_to_be_kept(
    browser_of: Browser, town: Town
) -> None:
    root = make_authority("Overheid Root")
    issued = make_client(issuer=root)
    give_certificate(town.identity, issued.bundle())

    page = browser_of("administrator").post(
        import_url(town), pkcs12(issued.bundle(root)), follow=True
    )

    assert "was here already; the issuers above it are new, and kept." in page.text
    assert "missing" not in page.text
