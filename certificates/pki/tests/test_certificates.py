"""Certificates in every file format, their description and their order."""

import contextlib
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certificates.pki import (
    ErrorCode,
    ParseError,
    PKIError,
    allows_client_auth,
    describe,
    load_certificates,
    order_chain,
    spki_fingerprint,
    write_der,
    write_private_key,
)
from certificates.tests.builders import (
    COMMON_NAME,
    NOON,
    SERVER_AUTH,
    make_authority,
    make_client,
    make_server,
    rsa_key,
)
from certificates.tests.mutations import Node, parse

FIXTURES = Path(__file__).parent / "fixtures"
ROOT = make_authority()
ISSUER = make_authority("Practice Issuing CA", issuer=ROOT)
CLIENT = make_client(issuer=ISSUER, key=rsa_key(2048))

PKCS7_WITHOUT = bytes.fromhex(
    "302306092A864886F70D010702A01630140201013100300B06092A864886F70D0107013100"
)
PKCS7_OF_NONE = bytes.fromhex(
    "302506092A864886F70D010702A01830160201013100300B06092A864886F70D010701A0003100"
)


def test_it_reads_pem_among_comments_keys_and_windows_line_ends() -> None:
    commented = b"subject=/CN=x\r\n" + CLIENT.pem.replace(b"\n", b"\r\n") + b"# issuer\n"
    data = commented + write_private_key(CLIENT.key) + ISSUER.pem

    assert load_certificates(data) == [CLIENT.certificate, ISSUER.certificate]


def test_it_reads_der() -> None:
    assert load_certificates(CLIENT.der) == [CLIENT.certificate]


@pytest.mark.parametrize("name", ["chain.p7b", "chain.p7c"])
def test_it_reads_pkcs7(name: str) -> None:
    certificates = load_certificates((FIXTURES / name).read_bytes())

    names = {describe(certificate).common_name for certificate in certificates}
    assert names == {"Practice Root CA", COMMON_NAME}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a certificate",
        CLIENT.der[:-1],
        b"-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n",
        write_private_key(CLIENT.key),
        PKCS7_WITHOUT,
        PKCS7_OF_NONE,
        CLIENT.pem + b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    ],
    ids=[
        "empty",
        "text",
        "cut short",
        "no base64",
        "a key",
        "PKCS#7 without",
        "PKCS#7 of none",
        "second one broken",
    ],
)
def test_it_refuses_what_is_not_wholly_readable(data: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        load_certificates(data)

    assert caught.value.code == ErrorCode.CERTIFICATE_UNREADABLE


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.integers(0, len(CLIENT.der) - 1), st.binary(min_size=1, max_size=3))
def test_an_altered_certificate_raises_nothing_but_a_pki_error(at: int, octets: bytes) -> None:
    altered = CLIENT.der[:at] + octets + CLIENT.der[at + len(octets) :]

    with contextlib.suppress(PKIError):
        load_certificates(altered)


def test_it_describes_a_client_certificate() -> None:
    shown = describe(CLIENT.certificate)

    assert shown.common_name == COMMON_NAME
    assert shown.subject == f"CN={COMMON_NAME},O=Practice,C=BE"
    assert shown.issuer == "CN=Practice Issuing CA,O=Practice,C=BE"
    assert int(shown.serial, 16) == CLIENT.certificate.serial_number
    assert len(shown.serial) % 2 == 0
    assert shown.not_after == NOON + timedelta(days=335)
    assert len(shown.fingerprint) == 64
    assert shown.key_fingerprint == spki_fingerprint(CLIENT.key.public_key())
    assert shown.key == "RSA 2048"
    assert shown.alternative_names == ()
    assert (shown.is_authority, shown.allows_client_auth) == (False, True)


def test_it_describes_alternative_names() -> None:
    by_name = make_server(x509.DNSName("ftps.example"))
    by_address = make_server(x509.IPAddress(ip_address("127.0.0.1")))

    assert describe(by_name.certificate).alternative_names == ("DNS:ftps.example",)
    assert describe(by_address.certificate).alternative_names == ("IP:127.0.0.1",)


@pytest.mark.parametrize(
    ("purposes", "allowed"),
    [
        ((), True),
        ((ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH), True),
        (SERVER_AUTH, False),
        ((ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,), False),
    ],
)
def test_it_says_whether_one_can_log_in(
    purposes: tuple[x509.ObjectIdentifier, ...], allowed: bool
) -> None:
    assert allows_client_auth(make_client(purposes=purposes).certificate) is allowed


def test_a_key_that_may_only_sign_certificates_cannot_log_in() -> None:
    assert not allows_client_auth(ROOT.certificate)


def test_a_certificate_without_constraints_is_no_authority() -> None:
    builder = (
        x509.CertificateBuilder()
        .subject_name(CLIENT.certificate.subject)
        .issuer_name(CLIENT.certificate.subject)
        .public_key(CLIENT.key.public_key())
        .serial_number(1)
        .not_valid_before(NOON)
        .not_valid_after(NOON)
    )

    shown = describe(builder.sign(CLIENT.key, SHA256()))

    assert (shown.is_authority, shown.allows_client_auth) == (False, True)


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_it_refuses_a_negative_serial_number() -> None:
    serial = CLIENT.certificate.serial_number
    octets = serial.to_bytes((serial.bit_length() + 8) // 8, "big")
    negative = CLIENT.der.replace(octets, b"\x80" + octets[1:])

    with pytest.raises(ParseError, match="negative"):
        load_certificates(negative)


def test_it_orders_a_chain_and_drops_what_does_not_belong() -> None:
    stranger = make_authority("Practice Issuing CA", issuer=make_authority())
    pool = [ROOT, stranger, CLIENT, ISSUER]

    chain = order_chain(CLIENT.certificate, [issued.certificate for issued in pool])

    assert chain == [ISSUER.certificate, ROOT.certificate]


def test_a_chain_ends_where_an_issuer_is_missing() -> None:
    assert order_chain(CLIENT.certificate, [ROOT.certificate]) == []


def test_a_chain_has_an_end_in_a_pool_of_hundreds() -> None:
    authorities = [make_authority("Practice CA")]
    for _ in range(12):
        authorities.append(make_authority("Practice CA", issuer=authorities[-1]))
    leaf = make_client(issuer=authorities[-1])

    chain = order_chain(leaf.certificate, [one.certificate for one in authorities])

    assert chain == [one.certificate for one in reversed(authorities[3:])]


def test_it_refuses_a_file_with_hundreds_of_certificates() -> None:
    assert len(load_certificates(ROOT.pem * 200)) == 200
    with pytest.raises(ParseError) as caught:
        load_certificates(ROOT.pem * 201)

    assert caught.value.code == ErrorCode.CERTIFICATE_TOO_MANY


@pytest.mark.parametrize("cut", [-1, -20, -200])
def test_a_chain_file_that_was_cut_does_not_pass_for_a_shorter_one(cut: int) -> None:
    with pytest.raises(ParseError) as caught:
        load_certificates((CLIENT.pem + ROOT.pem).rstrip()[:cut])

    assert caught.value.code == ErrorCode.CERTIFICATE_UNREADABLE


@pytest.mark.timeout(20)
@pytest.mark.parametrize("identifier", ["2A864886F70D010301", "2A8648CE3E0201"])
def test_a_certificate_for_a_diffie_hellman_key_is_refused_without_judging_its_prime(
    identifier: str,
) -> None:
    """Nobody signs with one, and to judge a long prime takes minutes."""
    numbers = [2**9689 - 1, 3, 2**521 - 1]
    parameters = [
        Node(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big")) for number in numbers
    ]
    algorithm = [Node(0x06, bytes.fromhex(identifier)), Node(0x30, children=parameters)]
    key = Node(0x03, b"\0" + Node(0x02, b"\x05").encoded())
    certificate = parse(CLIENT.der)
    certificate.children[0].children[6].children = [Node(0x30, children=algorithm), key]

    with pytest.raises(ParseError) as caught:
        load_certificates(certificate.encoded())

    assert caught.value.code == ErrorCode.CERTIFICATE_UNREADABLE


def test_it_writes_one_certificate_as_der() -> None:
    assert write_der(CLIENT.certificate) == CLIENT.der
