"""Private keys in every form, and their comparison with certificates."""

import base64
import contextlib
import re
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from certificates.pki import (
    ErrorCode,
    ParseError,
    PasswordError,
    PKIError,
    PrivateKey,
    WeakKeyError,
    check_key_strength,
    load_private_key,
    same_key,
    spki_fingerprint,
    write_private_key,
)
from certificates.tests.builders import make_client, make_key, rsa_key
from certificates.tests.mutations import Node

PASSPHRASE = b"practice"
KEYS: dict[str, PrivateKey] = {"rsa": rsa_key(2048), "ec": make_key()}


def written(key: PrivateKey, encoding: Encoding, form: PrivateFormat, *, sealed: bool) -> bytes:
    encryption = BestAvailableEncryption(PASSPHRASE) if sealed else NoEncryption()
    return key.private_bytes(encoding, form, encryption)


def openssl(*arguments: str, given: bytes) -> bytes:
    command = ["openssl", *arguments, "-passout", "pass:practice"]
    return subprocess.run(command, input=given, capture_output=True, check=True).stdout


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
@pytest.mark.parametrize("passphrase", [None, b"", PASSPHRASE])
def test_it_reads_a_clear_key_with_or_without_a_passphrase(
    kind: str, encoding: Encoding, form: PrivateFormat, passphrase: bytes | None
) -> None:
    data = written(KEYS[kind], encoding, form, sealed=False)

    key = load_private_key(data, passphrase=passphrase)

    assert spki_fingerprint(key.public_key()) == spki_fingerprint(KEYS[kind].public_key())


ENCRYPTED_FORMS = [
    (Encoding.PEM, PrivateFormat.PKCS8),
    (Encoding.DER, PrivateFormat.PKCS8),
    (Encoding.PEM, PrivateFormat.TraditionalOpenSSL),
]


BROKEN_PEM = b"-----BEGIN PRIVATE KEY-----\nA\n-----END PRIVATE KEY-----\n"
TRADITIONAL = written(KEYS["ec"], Encoding.PEM, PrivateFormat.TraditionalOpenSSL, sealed=True)


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (b"AES-256-CBC,00112233", ErrorCode.KEY_UNREADABLE),
        (b"DES-EDE3-CBC,00112233", ErrorCode.KEY_UNREADABLE),
        (b"AES-256-CBC", ErrorCode.KEY_UNREADABLE),
        (b"CAMELLIA-256-CBC," + b"00" * 16, ErrorCode.KEY_UNSUPPORTED),
    ],
)
def test_it_refuses_a_broken_cipher_header(header: bytes, code: ErrorCode) -> None:
    """cryptography itself panics at a vector that is too short."""
    data = re.sub(rb"(?<=DEK-Info: ).*", header, TRADITIONAL)
    assert data != TRADITIONAL

    with pytest.raises(ParseError) as caught:
        load_private_key(data, passphrase=PASSPHRASE)

    assert caught.value.code == code


def test_it_reads_a_traditional_key_under_3des() -> None:
    clear = write_private_key(KEYS["ec"])
    data = openssl("ec", "-des3", given=clear)
    assert b"DES-EDE3-CBC" in data

    assert write_private_key(load_private_key(data, passphrase=PASSPHRASE)) == clear


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize(("encoding", "form"), ENCRYPTED_FORMS)
def test_it_reads_an_encrypted_key(kind: str, encoding: Encoding, form: PrivateFormat) -> None:
    data = written(KEYS[kind], encoding, form, sealed=True)

    key = load_private_key(data, passphrase=PASSPHRASE)

    assert write_private_key(key) == write_private_key(KEYS[kind])


@pytest.mark.parametrize(("encoding", "form"), ENCRYPTED_FORMS)
def test_it_asks_for_a_passphrase_that_is_missing(encoding: Encoding, form: PrivateFormat) -> None:
    data = written(KEYS["rsa"], encoding, form, sealed=True)

    with pytest.raises(PasswordError) as caught:
        load_private_key(data, passphrase=None)

    assert caught.value.code == ErrorCode.KEY_PASSPHRASE_NEEDED


@pytest.mark.parametrize(("encoding", "form"), ENCRYPTED_FORMS)
def test_it_says_that_a_passphrase_is_wrong(encoding: Encoding, form: PrivateFormat) -> None:
    data = written(KEYS["rsa"], encoding, form, sealed=True)

    with pytest.raises(PasswordError) as caught:
        load_private_key(data, passphrase=b"guess")

    assert caught.value.code == ErrorCode.KEY_WRONG_PASSPHRASE
    assert "guess" not in str(caught.value)


@pytest.mark.parametrize(
    "options", [["-scrypt"], ["-v1", "PBE-SHA1-3DES"], ["-v2", "aes-128-cbc"]], ids=lambda o: o[-1]
)
def test_it_reads_what_openssl_encrypts(options: list[str]) -> None:
    data = openssl("pkcs8", "-topk8", *options, given=write_private_key(KEYS["ec"]))

    assert write_private_key(load_private_key(data, passphrase=PASSPHRASE)) == write_private_key(
        KEYS["ec"]
    )


def test_it_finds_the_key_among_comments_parameters_and_certificates() -> None:
    client = make_client()
    parameters = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    data = b"Bag Attributes: x\r\n" + parameters + client.pem + write_private_key(client.key)

    assert same_key(client.certificate, load_private_key(data, passphrase=None))


def test_it_refuses_a_file_with_two_keys() -> None:
    data = write_private_key(KEYS["rsa"]) + write_private_key(KEYS["ec"])

    with pytest.raises(ParseError) as caught:
        load_private_key(data, passphrase=None)

    assert caught.value.code == ErrorCode.KEY_SEVERAL


ED25519 = ed25519.Ed25519PrivateKey.generate()


def test_it_refuses_a_kind_of_key_that_the_servers_do_not_know() -> None:
    data = ED25519.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    with pytest.raises(ParseError) as caught:
        load_private_key(data, passphrase=None)

    assert caught.value.code == ErrorCode.KEY_UNSUPPORTED


@pytest.mark.parametrize("encrypted", [False, True])
def test_it_refuses_a_curve_that_cryptography_does_not_know(encrypted: bool) -> None:
    command = ["openssl", "ecparam", "-name", "prime192v2", "-genkey", "-noout"]
    data = subprocess.run(command, capture_output=True, check=True).stdout
    if encrypted:
        data = openssl("ec", "-aes128", given=data)

    with pytest.raises(ParseError) as caught:
        load_private_key(data, passphrase=PASSPHRASE)

    assert caught.value.code == ErrorCode.KEY_UNSUPPORTED


def test_it_tells_an_unknown_encryption_from_a_wrong_passphrase() -> None:
    sealed = written(KEYS["ec"], Encoding.DER, PrivateFormat.PKCS8, sealed=True)
    aes_256_cbc = bytes.fromhex("60864801650304012A")
    assert aes_256_cbc in sealed
    data = sealed.replace(aes_256_cbc, bytes.fromhex("60864801650304017F"))

    with pytest.raises(ParseError) as caught:
        load_private_key(data, passphrase=PASSPHRASE)

    assert caught.value.code == ErrorCode.KEY_UNSUPPORTED


def test_it_refuses_a_key_that_would_keep_it_busy() -> None:
    data = (Path(__file__).parent / "fixtures" / "costly_key.pem").read_bytes()

    with pytest.raises(ParseError) as caught:
        load_private_key(data, passphrase=PASSPHRASE)

    assert caught.value.code == ErrorCode.KEY_TOO_COSTLY


def rsa_numbers(*numbers: int) -> bytes:
    """Write an RSA private key with these numbers as PKCS#1 (RFC 8017, A.1.2)."""
    return Node(0x30, children=[integer(number) for number in (0, *numbers)]).encoded()


def integer(number: int) -> Node:
    return Node(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


LONG_PRIME = 2**11213 - 1
"""A Mersenne prime: to judge it takes a minute."""


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "numbers",
    [
        (15, 3, 3, LONG_PRIME, 5, 1, 1, 1),
        (LONG_PRIME, 3, 3, 3, LONG_PRIME, 1, 1, 1),
        (2**4_000_000 + 1, 65537, 5, 17, 5, 1, 1, 1),
    ],
    ids=["p", "q", "modulus"],
)
def test_it_refuses_an_rsa_key_whose_primes_would_keep_it_busy(numbers: tuple[int, ...]) -> None:
    with pytest.raises(ParseError) as caught:
        load_private_key(rsa_numbers(*numbers), passphrase=None)

    assert caught.value.code == ErrorCode.KEY_TOO_LARGE


def test_it_refuses_an_rsa_key_whose_numbers_do_not_fit() -> None:
    assert isinstance(KEYS["rsa"], rsa.RSAPrivateKey)
    own = KEYS["rsa"].private_numbers()
    public = own.public_numbers
    numbers = (public.n, public.e, own.d + 2, own.p, own.q, own.dmp1, own.dmq1, own.iqmp)

    with pytest.raises(ParseError) as caught:
        load_private_key(rsa_numbers(*numbers), passphrase=None)

    assert caught.value.code == ErrorCode.KEY_UNREADABLE


@pytest.mark.timeout(20)
@pytest.mark.parametrize("identifier", ["2A864886F70D010301", "2A8648CE3E0201"])
def test_it_refuses_a_diffie_hellman_key_without_judging_its_prime(identifier: str) -> None:
    """What loading it would do, for a minute."""
    parameters = Node(0x30, children=[integer(2**9689 - 1), integer(3), integer(2**521 - 1)])
    algorithm = Node(0x30, children=[Node(0x06, bytes.fromhex(identifier)), parameters])
    parts = [integer(0), algorithm, Node(0x04, integer(12345).encoded())]

    with pytest.raises(ParseError) as caught:
        load_private_key(Node(0x30, children=parts).encoded(), passphrase=None)

    assert caught.value.code == ErrorCode.KEY_UNSUPPORTED


def test_a_key_file_that_was_cut_is_not_taken_for_another_kind() -> None:
    data = make_client().pem + write_private_key(KEYS["rsa"])[:-20]

    with pytest.raises(ParseError) as caught:
        load_private_key(data, passphrase=None)

    assert caught.value.code == ErrorCode.KEY_UNREADABLE


@pytest.mark.parametrize(
    "data", [b"", b"\x30\x03\x02\x01\x00", b"no key at all", BROKEN_PEM, make_client().der]
)
def test_it_says_that_there_is_no_key(data: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        load_private_key(data, passphrase=PASSPHRASE)

    assert caught.value.code == ErrorCode.KEY_UNREADABLE


@settings(deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_no_bytes_raise_anything_but_a_pki_error(octets: bytes, as_pem: bool) -> None:
    begin, end = b"-----BEGIN PRIVATE KEY-----\n", b"\n-----END PRIVATE KEY-----\n"
    data = begin + base64.b64encode(octets) + end if as_pem else octets

    with contextlib.suppress(PKIError):
        load_private_key(data, passphrase=PASSPHRASE)


@pytest.mark.parametrize(
    "key", [rsa_key(2048), make_key(), ec.generate_private_key(ec.SECP521R1())]
)
def test_it_accepts_customary_keys(key: PrivateKey) -> None:
    check_key_strength(key.public_key())


@pytest.mark.parametrize(
    ("key", "found"),
    [
        (rsa_key(1024), "RSA 1024"),
        (ED25519, "Ed25519"),
        (ec.generate_private_key(ec.SECP256K1()), "EC secp256k1"),
    ],
)
def test_it_refuses_weak_and_unusual_keys(key: PrivateKeyTypes, found: str) -> None:
    with pytest.raises(WeakKeyError) as caught:
        check_key_strength(key.public_key())

    assert caught.value.context == {"found": found}


def test_the_repr_of_a_bundle_shows_no_key() -> None:
    bundle = make_client().bundle()

    assert "PRIVATE" not in repr(bundle)
