"""Certificate requests, made here and made by openssl."""

import re
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from certificates.pki import (
    ErrorCode,
    KeyKind,
    ParseError,
    PrivateKey,
    SubjectError,
    SubjectName,
    WeakKeyError,
    build_request,
    common_name,
    generate_key,
    load_request,
    spki_fingerprint,
    write_private_key,
    write_request,
)
from certificates.tests.builders import COMMON_NAME, make_client, make_key, rsa_key
from certificates.tests.mutations import Node, parse

NAMES = [
    COMMON_NAME,
    "awv.vlaanderen.be/omgevingsvergunning-test",
    'a, b = c + d; \\e "f" <g> #h',
    " spaces ",
    "CN=x/CN=y",
    "é/ü",
]
SUBJECT = SubjectName(COMMON_NAME, country="BE", organisation="Voorbeeld", email="a@b.example")
DER = build_request(make_key(), SUBJECT)
PEM = write_request(DER)


def openssl(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=True)


@pytest.mark.parametrize("name", NAMES)
def test_the_common_name_stays_as_it_is_to_the_octet(name: str) -> None:
    der = build_request(make_key(), SubjectName(common_name=name))

    assert common_name(load_request(der)) == name
    assert name.encode() in der


@pytest.mark.parametrize("name", NAMES)
def test_openssl_verifies_a_request_and_shows_its_common_name(name: str) -> None:
    pem = write_request(build_request(make_key(), SubjectName(common_name=name, country="EU")))

    shown = openssl(
        "req", "-verify", "-noout", "-subject", "-nameopt", "utf8,sep_multiline,sname", given=pem
    )

    assert b"verify OK" in shown.stderr + shown.stdout
    assert f"CN={name}\n" in shown.stdout.decode()
    assert b"C=EU\n" in shown.stdout


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (rsa_key(2048), "sha256WithRSAEncryption"),
        (make_key(), "ecdsa-with-SHA256"),
        (generate_key(KeyKind.EC_P384), "ecdsa-with-SHA384"),
        (ec.generate_private_key(ec.SECP521R1()), "ecdsa-with-SHA512"),
    ],
)
def test_the_hash_is_as_strong_as_the_key(key: PrivateKey, algorithm: str) -> None:
    der = build_request(key, SUBJECT)

    shown = openssl("req", "-verify", "-noout", "-text", "-inform", "DER", given=der)

    assert f"Signature Algorithm: {algorithm}" in shown.stdout.decode()


def test_openssl_issues_a_certificate_for_a_request(tmp_path: Path) -> None:
    authority = make_client("Practice CA")
    (tmp_path / "ca.pem").write_bytes(authority.pem + write_private_key(authority.key))
    ca = str(tmp_path / "ca.pem")

    issued = openssl("x509", "-req", "-CA", ca, "-CAkey", ca, "-days", "9", given=PEM).stdout

    certificate = x509.load_pem_x509_certificate(issued)
    assert common_name(certificate) == COMMON_NAME
    assert spki_fingerprint(certificate.public_key()) == spki_fingerprint(
        load_request(DER).public_key()
    )


@pytest.mark.parametrize("form", ["PEM", "DER"])
def test_it_reads_what_openssl_makes(form: str) -> None:
    data = openssl(
        "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "/dev/null", "-outform", form,
        "-subj", "/C=BE/CN=kb.example", "-addext", "subjectAltName=DNS:kb.example",
    ).stdout  # fmt: skip

    assert common_name(load_request(data)) == "kb.example"


def test_it_reads_a_request_among_comments_and_under_its_old_label() -> None:
    data = b"Subject: x\r\n" + PEM.replace(b"CERTIFICATE REQ", b"NEW CERTIFICATE REQ") + b"bye\n"

    assert load_request(data).public_bytes(Encoding.DER) == DER


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", ErrorCode.REQUEST_UNREADABLE),
        (b"no request", ErrorCode.REQUEST_UNREADABLE),
        (DER[:-9], ErrorCode.REQUEST_UNREADABLE),
        (PEM.replace(b"MIIB", b"MII"), ErrorCode.REQUEST_UNREADABLE),
        (make_client().der, ErrorCode.REQUEST_UNREADABLE),
        (make_client().pem, ErrorCode.REQUEST_UNREADABLE),
        (PEM + PEM, ErrorCode.REQUEST_SEVERAL),
        (DER.replace(b"Voorbeeld", b"Voorbeelt"), ErrorCode.REQUEST_SIGNATURE),
    ],
    ids=["empty", "text", "cut", "base64", "certificate", "PEM certificate", "two", "altered"],
)
def test_it_says_what_is_wrong_with_a_request(data: bytes, code: ErrorCode) -> None:
    with pytest.raises(ParseError) as caught:
        load_request(data)

    assert caught.value.code == code


@pytest.mark.timeout(20)
def test_a_request_for_a_diffie_hellman_key_is_refused_without_judging_its_prime() -> None:
    """Which would take a minute."""
    parameters = Node(0x30, children=[integer(2**9689 - 1), integer(3)])
    identifier = Node(0x06, bytes.fromhex("2A864886F70D010301"))
    key = Node(0x03, b"\0" + integer(5).encoded())
    request = parse(DER)
    request.children[0].children[2].children = [Node(0x30, children=[identifier, parameters]), key]

    with pytest.raises(ParseError) as caught:
        load_request(request.encoded())

    assert caught.value.code == ErrorCode.REQUEST_UNREADABLE


def integer(number: int) -> Node:
    return Node(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def test_it_makes_no_request_for_a_weak_key_or_an_impossible_subject() -> None:
    with pytest.raises(WeakKeyError):
        build_request(rsa_key(1024), SUBJECT)
    with pytest.raises(SubjectError):
        build_request(make_key(), SubjectName(common_name="x" * 65))


def test_the_pem_form_is_plain() -> None:
    assert re.fullmatch(
        rb"-----BEGIN CERTIFICATE REQUEST-----\n([A-Za-z0-9+/=]{1,64}\n)+"
        rb"-----END CERTIFICATE REQUEST-----\n",
        PEM,
    )
