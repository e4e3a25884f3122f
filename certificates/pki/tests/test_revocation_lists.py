import random
import subprocess
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519, x25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ObjectIdentifier

from certificates.pki import (
    LARGEST_LIST,
    ErrorCode,
    ListFeature,
    ParseError,
    PKIError,
    RevocationError,
    StaleListError,
    check_revocation_list,
    distribution_points,
    list_number,
    list_scope,
    load_revocation_list,
)
from certificates.tests.builders import NOON, Issued, make_authority, make_client
from certificates.tests.lists import (
    DAY,
    altered,
    der_of,
    make_list,
    naming,
    point,
    with_points,
)

ROOT = make_authority()
CLIENT = make_client(issuer=ROOT)


def issuing_point(**limits: object) -> x509.IssuingDistributionPoint:
    given = {
        "full_name": None,
        "relative_name": None,
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    return x509.IssuingDistributionPoint(**{**given, **limits})  # type: ignore[arg-type]  # mixed


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_a_list_is_read_from_pem_and_der(encoding: Encoding) -> None:
    found = load_revocation_list(make_list(ROOT, CLIENT.certificate).public_bytes(encoding))

    assert [entry.serial_number for entry in found] == [CLIENT.certificate.serial_number]
    assert list_number(found) == 1


def test_a_pem_list_may_follow_a_comment() -> None:
    pem = make_list(ROOT).public_bytes(Encoding.PEM)

    assert load_revocation_list(b"issued today\n" + pem) == load_revocation_list(pem)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no list",
        ROOT.pem,
        ROOT.certificate.public_bytes(Encoding.DER),
        der_of(make_list(ROOT, CLIENT.certificate))[:-20],
        make_list(ROOT).public_bytes(Encoding.PEM) * 2,
        b"-----BEGIN X509 CRL-----\nMII*\n-----END X509 CRL-----",
        der_of(make_list(ROOT, number=2**161)),
    ],
)
def test_what_is_no_list_is_refused(data: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        load_revocation_list(data)

    assert caught.value.code == ErrorCode.REVOCATION_UNREADABLE


def test_a_list_of_50_megabytes_is_refused_before_it_is_read() -> None:
    with pytest.raises(ParseError) as caught:
        load_revocation_list(b"\x30" * 50 * 1024**2)

    assert caught.value.code == ErrorCode.REVOCATION_TOO_LARGE
    assert LARGEST_LIST == 20 * 1024**2


@pytest.mark.parametrize(
    ("extension", "feature"),
    [
        (x509.DeltaCRLIndicator(1), ListFeature.DELTA),
        (issuing_point(indirect_crl=True), ListFeature.INDIRECT),
        (
            issuing_point(only_some_reasons=frozenset([x509.ReasonFlags.superseded])),
            ListFeature.SOME_REASONS,
        ),
        (
            issuing_point(only_contains_attribute_certs=True),
            ListFeature.ATTRIBUTE_CERTIFICATES,
        ),
        (
            x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4"), b"\x05\x00"),
            ListFeature.UNKNOWN_EXTENSION,
        ),
    ],
)
def test_a_list_that_says_less_than_it_seems_is_refused_with_the_reason(
    extension: x509.ExtensionType, feature: ListFeature
) -> None:
    with pytest.raises(RevocationError) as caught:
        load_revocation_list(der_of(make_list(ROOT, further=[(extension, True)])))

    assert caught.value.code == ErrorCode.REVOCATION_UNSUPPORTED
    assert caught.value.context["feature"] == feature
    is_unknown = feature is ListFeature.UNKNOWN_EXTENSION
    assert caught.value.context["oid"] == ("1.2.3.4" if is_unknown else "")


@pytest.mark.parametrize(
    "extension",
    [
        x509.CertificateIssuer([x509.DirectoryName(CLIENT.certificate.subject)]),
        x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4"), b"\x05\x00"),
    ],
)
def test_an_entry_that_is_about_something_else_makes_the_list_refused(
    extension: x509.ExtensionType,
) -> None:
    listed = make_list(ROOT, CLIENT.certificate, entry_extensions=[(extension, True)])

    with pytest.raises(RevocationError) as caught:
        load_revocation_list(der_of(listed))

    assert caught.value.code == ErrorCode.REVOCATION_UNSUPPORTED


def test_a_good_list_passes_until_its_next_update() -> None:
    found = make_list(ROOT, lasts=7 * DAY)

    check_revocation_list(found, issuer=ROOT.certificate, at=NOON)
    check_revocation_list(found, issuer=ROOT.certificate, at=NOON + 7 * DAY)
    with pytest.raises(StaleListError) as caught:
        check_revocation_list(
            found, issuer=ROOT.certificate, at=NOON + 7 * DAY + timedelta(seconds=1)
        )

    assert caught.value.code == ErrorCode.REVOCATION_STALE


def test_the_clock_of_an_authority_may_be_five_minutes_ahead() -> None:
    minutes = timedelta(minutes=1)
    found = make_list(ROOT, at=NOON)

    check_revocation_list(found, issuer=ROOT.certificate, at=NOON - 5 * minutes)
    with pytest.raises(RevocationError) as caught:
        check_revocation_list(found, issuer=ROOT.certificate, at=NOON - 6 * minutes)

    assert caught.value.code == ErrorCode.REVOCATION_NOT_YET_VALID


def test_a_list_of_another_issuer_is_refused() -> None:
    other = make_authority("Other Root CA")

    with pytest.raises(RevocationError) as caught:
        check_revocation_list(make_list(other), issuer=ROOT.certificate, at=NOON)

    assert caught.value.code == ErrorCode.REVOCATION_WRONG_ISSUER


def test_a_list_by_a_namesake_is_a_forgery() -> None:
    namesake = make_authority()

    with pytest.raises(RevocationError) as caught:
        check_revocation_list(make_list(namesake), issuer=ROOT.certificate, at=NOON)

    assert caught.value.code == ErrorCode.REVOCATION_BAD_SIGNATURE


def test_an_issuer_that_may_not_sign_lists_is_refused() -> None:
    issuer = make_authority(signs_certificates=False)

    with pytest.raises(RevocationError) as caught:
        check_revocation_list(make_list(issuer), issuer=issuer.certificate, at=NOON)

    assert caught.value.code == ErrorCode.REVOCATION_ISSUER_MAY_NOT_SIGN


def test_an_issuer_without_key_usage_may_sign_anything() -> None:
    plain = make_client("Plain")

    check_revocation_list(make_list(plain), issuer=plain.certificate, at=NOON)


def test_a_key_that_signs_no_lists_signed_none() -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    forged = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(ROOT.certificate.subject)
        .last_update(NOON)
        .next_update(NOON + DAY)
        .sign(key, None)
    )

    with pytest.raises(RevocationError) as caught:
        check_revocation_list(forged, issuer=ROOT.certificate, at=NOON)

    assert caught.value.code == ErrorCode.REVOCATION_BAD_SIGNATURE


def test_an_issuer_whose_key_can_not_sign_signed_nothing() -> None:
    key = x25519.X25519PrivateKey.generate().public_key()
    issuer = with_key(ROOT, key)

    with pytest.raises(RevocationError) as caught:
        check_revocation_list(make_list(ROOT), issuer=issuer, at=NOON)

    assert caught.value.code == ErrorCode.REVOCATION_BAD_SIGNATURE


def test_a_list_may_come_without_a_number() -> None:
    bare = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(ROOT.certificate.subject)
        .last_update(NOON)
        .next_update(NOON + DAY)
        .sign(ROOT.key, SHA256())
    )

    assert list_number(load_revocation_list(der_of(bare))) is None


def test_a_list_that_never_gets_old_is_refused() -> None:
    found = load_revocation_list(without_next_update(ROOT))

    with pytest.raises(RevocationError) as caught:
        check_revocation_list(found, issuer=ROOT.certificate, at=NOON)

    assert caught.value.code == ErrorCode.REVOCATION_NO_NEXT_UPDATE


def test_the_scope_tells_the_parts_of_a_split_list_apart() -> None:
    name = x509.UniformResourceIdentifier("http://crl.example/1.crl")
    part = make_list(ROOT, further=[(issuing_point(full_name=[name]), True)])

    assert list_scope(make_list(ROOT)) == b""
    assert list_scope(part) not in {
        b"",
        list_scope(make_list(ROOT, further=[(issuing_point(only_contains_ca_certs=True), True)])),
    }


def test_only_web_addresses_of_the_issuer_itself_are_found() -> None:
    indirect = x509.DistributionPoint(
        full_name=[x509.UniformResourceIdentifier("http://other.example/a.crl")],
        relative_name=None,
        reasons=None,
        crl_issuer=[x509.DirectoryName(CLIENT.certificate.subject)],
    )
    addresses = ["http://crl.example/a.crl", "ldap://crl.example/a", "https://crl.example/a.crl"]
    points = [*map(point, addresses), point(addresses[0]), indirect]

    found = distribution_points(with_points(CLIENT, ROOT, points).certificate)

    assert found == ("http://crl.example/a.crl", "https://crl.example/a.crl")


def test_a_certificate_without_distribution_points_names_no_address() -> None:
    assert distribution_points(CLIENT.certificate) == ()


def test_no_certificate_sends_us_to_more_than_eight_addresses() -> None:
    many = naming(CLIENT, ROOT, *(f"http://crl.example/{number}.crl" for number in range(1000)))

    assert len(distribution_points(many.certificate)) == 8


def test_an_address_that_cannot_be_taken_apart_is_left_out() -> None:
    assert distribution_points(naming(CLIENT, ROOT, "http://[::1/a.crl").certificate) == ()


def test_altered_lists_raise_nothing_but_errors_of_ours() -> None:
    generator = random.Random(7)  # the same mutations in every run
    original = der_of(make_list(ROOT, CLIENT.certificate, ROOT.certificate))

    for _ in range(2000):
        altered = bytearray(original)
        for _ in range(generator.randint(1, 4)):
            altered[generator.randrange(len(altered))] = generator.randrange(256)
        with suppress(PKIError):
            found = load_revocation_list(bytes(altered))
            check_revocation_list(found, issuer=ROOT.certificate, at=NOON)


def with_key(issuer: Issued, key: x25519.X25519PublicKey) -> x509.Certificate:
    """Issue the authority's certificate again, for a key that only agrees on other keys."""
    old = issuer.certificate
    return (
        x509.CertificateBuilder()
        .subject_name(old.subject)
        .issuer_name(old.subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(old.not_valid_before_utc)
        .not_valid_after(old.not_valid_after_utc)
        .sign(issuer.key, SHA256())
    )


def without_next_update(issuer: Issued) -> bytes:
    """Cut nextUpdate out of a list, which cryptography would not do."""
    full = make_list(issuer)
    marker = full.next_update_utc
    assert marker is not None
    return altered(full, issuer, b"\x17\x0d" + marker.strftime("%y%m%d%H%M%SZ").encode(), b"")


def test_openssl_reads_the_lists_that_these_tests_make(tmp_path: Path) -> None:
    path = tmp_path / "list.crl"
    path.write_bytes(without_next_update(ROOT))

    shown = subprocess.run(
        ["openssl", "crl", "-inform", "DER", "-in", path, "-noout", "-nextupdate"],
        check=True,
        capture_output=True,
        text=True,
    )

    assert "NONE" in shown.stdout
