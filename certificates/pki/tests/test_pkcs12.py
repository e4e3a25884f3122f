"""PKCS#12 files old, new and broken. fixtures/make_fixtures.sh says how the old ones were made."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    KeySerializationEncryption,
    NoEncryption,
    load_der_private_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certificates.pki import (
    ErrorCode,
    KeyMismatchError,
    ParseError,
    PasswordError,
    PKIError,
    common_name,
    dump_pkcs12,
    inspect_pkcs12,
    load_certificates,
    load_pkcs12,
    load_private_key,
    same_key,
)
from certificates.pki.ber import read
from certificates.pki.pkcs12 import KEY_DERIVATION_ROUNDS
from certificates.tests.builders import COMMON_NAME, make_authority, make_client, make_key
from certificates.tests.mutations import Node, parse

FIXTURES = Path(__file__).parent / "fixtures"
PASSWORD = "practice"
DATA = bytes.fromhex("06092A864886F70D010701")
"""The identifier of PKCS#7 data; the last octet tells its siblings apart."""
READABLE = {
    "rc2_40_and_3des": ("RC2-40", "3DES"),
    "rc2_40": ("RC2-40",),
    "rc2_128": ("RC2-128",),
    "rc4_128": ("RC4-128",),
    "3des": ("3DES",),
    "aes_256": ("AES-256",),
}


def fixture(name: str) -> bytes:
    return (FIXTURES / f"{name}.p12").read_bytes()


@pytest.mark.parametrize("name", READABLE)
def test_it_opens_old_and_new_files(name: str) -> None:
    bundle = load_pkcs12(fixture(name), password=PASSWORD)

    assert common_name(bundle.certificate) == COMMON_NAME
    assert same_key(bundle.certificate, load_private_key(bundle.private_key_pem, passphrase=None))
    assert [common_name(one) for one in load_certificates(bundle.chain_pem)] == ["Practice Root CA"]


def test_what_it_gives_is_plain_pkcs8_for_other_libraries() -> None:
    bundle = load_pkcs12(fixture("rc2_40"), password=PASSWORD)

    assert bundle.private_key_pem.startswith(b"-----BEGIN PRIVATE KEY-----\n")


@pytest.mark.parametrize(("name", "algorithms"), READABLE.items())
def test_it_names_the_algorithms_without_the_password(
    name: str, algorithms: tuple[str, ...]
) -> None:
    facts = inspect_pkcs12(fixture(name))

    assert facts.algorithms == algorithms
    assert facts.has_mac
    assert facts.is_legacy is (name != "aes_256")
    assert facts.needs_legacy_provider is name.startswith("rc")


@pytest.mark.parametrize("name", READABLE)
@pytest.mark.parametrize("password", ["", "wrong"])
def test_a_wrong_password_is_called_that_in_every_kind_of_file(name: str, password: str) -> None:
    with pytest.raises(PasswordError) as caught:
        load_pkcs12(fixture(name), password=password)

    assert caught.value.code == ErrorCode.PKCS12_WRONG_PASSWORD


def test_a_cipher_it_does_not_know_is_named_whatever_the_password() -> None:
    with pytest.raises(ParseError) as caught:
        load_pkcs12(fixture("camellia"), password="wrong")

    assert caught.value.code == ErrorCode.PKCS12_UNSUPPORTED
    assert caught.value.context == {"algorithms": "1.2.392.200011.61.1.1.1.4"}


def test_ciphers_that_are_switched_off_are_not_taken_for_a_wrong_password() -> None:
    """OpenSSL itself says "Invalid password or PKCS12 data" here."""
    program = (
        "import pathlib, sys\n"
        "from certificates.pki import PKIError, load_pkcs12\n"
        "try:\n"
        "    load_pkcs12(pathlib.Path(sys.argv[1]).read_bytes(), password='practice')\n"
        "except PKIError as error:\n"
        "    print(error.code)\n"
    )
    command = [sys.executable, "-c", program, str(FIXTURES / "rc2_40.p12")]
    environment = os.environ | {
        "CRYPTOGRAPHY_OPENSSL_NO_LEGACY": "1",
        "PYTHONPATH": str(Path(__file__).parents[3]),
    }

    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)

    assert run.stdout.strip() == ErrorCode.PKCS12_UNSUPPORTED


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("no_mac", ErrorCode.PKCS12_NO_MAC),
        ("no_key", ErrorCode.PKCS12_NO_KEY),
        ("no_certificate", ErrorCode.PKCS12_NO_CERTIFICATE),
    ],
)
def test_a_file_that_lacks_something_says_what(name: str, code: ErrorCode) -> None:
    with pytest.raises(ParseError) as caught:
        load_pkcs12(fixture(name), password=PASSWORD)

    assert caught.value.code == code


def test_a_file_without_encryption_still_needs_its_password_for_the_mac() -> None:
    assert inspect_pkcs12(fixture("clear_with_mac")).algorithms == ()
    bundle = load_pkcs12(fixture("clear_with_mac"), password=PASSWORD)
    assert common_name(bundle.certificate) == COMMON_NAME
    with pytest.raises(PasswordError):
        load_pkcs12(fixture("clear_with_mac"), password="wrong")


def test_it_refuses_a_key_with_the_certificate_of_another() -> None:
    encryption = BestAvailableEncryption(PASSWORD.encode())
    stranger = make_client().certificate
    data = serialize_key_and_certificates(b"x", make_key(), None, [stranger], encryption)

    with pytest.raises(KeyMismatchError):
        load_pkcs12(data, password=PASSWORD)


def test_it_refuses_a_kind_of_key_that_the_servers_do_not_know() -> None:
    encryption = BestAvailableEncryption(PASSWORD.encode())
    key, other = ed25519.Ed25519PrivateKey.generate(), make_client().certificate
    data = serialize_key_and_certificates(b"x", key, None, [other], encryption)

    with pytest.raises(ParseError) as caught:
        load_pkcs12(data, password=PASSWORD)

    assert caught.value.code == ErrorCode.KEY_UNSUPPORTED


OLD_VERSION = fixture("aes_256").replace(b"\x02\x01\x03", b"\x02\x01\x02", 1)
SIGNED = fixture("aes_256").replace(DATA, DATA[:-1] + b"\x02", 1)
FOR_A_PUBLIC_KEY = fixture("aes_256").replace(DATA[:-1] + b"\x06", DATA[:-1] + b"\x03", 1)
# The salt of the MAC is made a number: only the library sees that.
DAMAGED = fixture("rc2_40")[:-14] + b"\x02" + fixture("rc2_40")[-13:]


@pytest.mark.filterwarnings("ignore:PKCS#12 bundle could not be parsed as DER")
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text",
        make_client().der,
        make_client().pem,
        fixture("aes_256")[:500],
        OLD_VERSION,
        SIGNED,
        FOR_A_PUBLIC_KEY,
        DAMAGED,
    ],
    ids=[
        "empty",
        "text",
        "der certificate",
        "pem certificate",
        "cut short",
        "version 2",
        "signed",
        "for a public key",
        "damaged",
    ],
)
def test_it_says_that_a_file_is_no_pkcs12(data: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        load_pkcs12(data, password=PASSWORD)

    assert caught.value.code == ErrorCode.PKCS12_NOT_PKCS12


def test_it_refuses_a_file_that_would_keep_it_busy() -> None:
    with pytest.raises(ParseError) as caught:
        load_pkcs12(fixture("costly"), password=PASSWORD)

    assert caught.value.code == ErrorCode.PKCS12_TOO_COSTLY


def test_it_refuses_a_file_of_which_the_parts_together_would_keep_it_busy() -> None:
    file = parse(fixture("aes_256"))
    rounds = [node for node in file.below() if (node.tag, node.contents) == (0x02, b"\x08\x00")]
    assert len(rounds) == 3
    for node in rounds:
        node.contents = (4_000_000).to_bytes(3, "big")

    facts = inspect_pkcs12(file.encoded())
    assert (facts.iterations, facts.total_iterations) == (4_000_000, 12_000_000)
    with pytest.raises(ParseError) as caught:
        load_pkcs12(file.encoded(), password=PASSWORD)

    assert caught.value.code == ErrorCode.PKCS12_TOO_COSTLY


@pytest.mark.timeout(20)
@pytest.mark.parametrize("encryption", [NoEncryption(), BestAvailableEncryption(b"practice")])
def test_it_refuses_a_key_whose_primes_would_keep_it_busy(
    encryption: KeySerializationEncryption,
) -> None:
    """The library judges them while it opens the file: this one takes a minute."""
    numbers = (0, 15, 3, 3, 2**11213 - 1, 5, 1, 1, 1)
    integers = [Node(0x02, one.to_bytes(one.bit_length() // 8 + 1, "big")) for one in numbers]
    key = load_der_private_key(
        Node(0x30, children=integers).encoded(), None, unsafe_skip_rsa_key_validation=True
    )
    assert isinstance(key, rsa.RSAPrivateKey)
    data = serialize_key_and_certificates(b"x", key, None, [make_client().certificate], encryption)

    with pytest.raises(ParseError) as caught:
        load_pkcs12(with_mac(data), password=PASSWORD)

    assert caught.value.code == ErrorCode.KEY_TOO_LARGE


def with_mac(data: bytes) -> bytes:
    """Put a MAC there when none is: whether it fits is found out later."""
    file = parse(data)
    if len(file.children) < 3:
        file.children.append(parse(fixture("aes_256")).children[2])
    return file.encoded()


@pytest.mark.parametrize("password", ["\0practice", "practice\0", "\udc80"])
def test_a_password_that_no_file_can_have_is_a_wrong_one(password: str) -> None:
    """At a NUL the library panics, with an error that is no Exception."""
    with pytest.raises(PasswordError) as caught:
        load_pkcs12(fixture("aes_256"), password=password)

    assert caught.value.code == ErrorCode.PKCS12_WRONG_PASSWORD


@pytest.mark.filterwarnings("ignore:PKCS#12 bundle could not be parsed as DER")
def test_it_opens_a_file_with_indefinite_lengths() -> None:
    """Java and NSS write BER; the outer sequence and the content in pieces are enough here."""
    version, contents, mac = read(fixture("rc2_40_and_3des")).children()
    content = contents.children()[1].children()[0].string()
    half = len(content) // 2
    pieces = _der(0x04, content[:half]) + _der(0x04, content[half:])
    wrapped = b"\x30\x80" + DATA + b"\xa0\x80\x24\x80" + pieces + bytes(6)
    data = (
        b"\x30\x80" + _der(0x02, version.contents) + wrapped + _der(0x30, mac.contents) + bytes(2)
    )

    assert inspect_pkcs12(data) == inspect_pkcs12(fixture("rc2_40_and_3des"))
    assert common_name(load_pkcs12(data, password=PASSWORD).certificate) == COMMON_NAME


def _der(tag: int, contents: bytes) -> bytes:
    return bytes([tag, 0x82]) + len(contents).to_bytes(2, "big") + contents


def test_what_it_writes_it_reads_again() -> None:
    root = make_authority()
    bundle = make_client(issuer=root).bundle(root)

    data = dump_pkcs12(bundle, password=PASSWORD, friendly_name="practice")

    assert load_pkcs12(data, password=PASSWORD) == bundle


def test_it_writes_aes_256_with_many_rounds() -> None:
    data = dump_pkcs12(make_client().bundle(), password=PASSWORD, friendly_name="practice")

    facts = inspect_pkcs12(data)

    assert facts.algorithms == ("AES-256",)
    assert facts.iterations >= KEY_DERIVATION_ROUNDS >= 600_000
    assert facts.has_mac
    assert not facts.is_legacy


def test_openssl_reads_what_it_writes(tmp_path: Path) -> None:
    bundle = make_client().bundle()
    path = tmp_path / "written.p12"
    path.write_bytes(dump_pkcs12(bundle, password=PASSWORD, friendly_name="practice"))

    command = ["openssl", "pkcs12", "-in", str(path), "-nodes", "-passin", f"pass:{PASSWORD}"]
    output = subprocess.run(command, capture_output=True, check=True).stdout

    assert load_certificates(output) == [bundle.certificate]


def test_it_writes_no_file_without_a_password() -> None:
    with pytest.raises(ValueError, match="needs a password"):
        dump_pkcs12(make_client().bundle(), password="", friendly_name="practice")


@pytest.mark.filterwarnings("ignore:PKCS#12 bundle could not be parsed as DER")
@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data(), st.sampled_from(sorted(READABLE)), st.binary(min_size=1, max_size=4))
def test_an_altered_file_raises_nothing_but_a_pki_error(
    data: st.DataObject, name: str, octets: bytes
) -> None:
    whole = fixture(name)
    at = data.draw(st.integers(0, len(whole) - 1))

    with contextlib.suppress(PKIError):
        load_pkcs12(whole[:at] + octets + whole[at + len(octets) :], password=PASSWORD)


@pytest.mark.filterwarnings("ignore:PKCS#12 bundle could not be parsed as DER")
@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_a_pki_error(octets: bytes) -> None:
    with contextlib.suppress(PKIError):
        load_pkcs12(octets, password=PASSWORD)
