"""Files that the openssl command line makes are read here, and it reads those made here."""

import re
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certificates.pki import (
    PrivateKey,
    common_name,
    dump_pkcs12,
    inspect_pkcs12,
    load_bundle,
    load_certificates,
    load_pkcs12,
    load_private_key,
    make_passphrase,
    order_chain,
    same_key,
    write_certificates,
    write_der,
    write_private_key,
)
from certificates.tests.builders import COMMON_NAME, make_authority, make_client, make_key, rsa_key

PASSWORD = "practice"
ROOT = make_authority()
ISSUER = make_authority("Practice Issuing CA", issuer=ROOT)
CLIENT = make_client(issuer=ISSUER, key=rsa_key(2048))
BUNDLE = CLIENT.bundle(ISSUER, ROOT)
EVERYTHING = write_private_key(CLIENT.key) + CLIENT.pem + ISSUER.pem + ROOT.pem
CHAIN = [issued.certificate for issued in (CLIENT, ISSUER, ROOT)]


def openssl(*arguments: str, given: bytes = b"") -> bytes:
    return subprocess.run(
        ["openssl", *arguments], input=given, capture_output=True, check=True
    ).stdout


CIPHERS = {
    ("PBE-SHA1-RC2-40", "PBE-SHA1-RC2-40"): ("RC2-40",),
    ("PBE-SHA1-RC2-40", "PBE-SHA1-3DES"): ("RC2-40", "3DES"),
    ("PBE-SHA1-RC2-128", "PBE-SHA1-RC2-128"): ("RC2-128",),
    ("PBE-SHA1-RC4-40", "PBE-SHA1-RC4-40"): ("RC4-40",),
    ("PBE-SHA1-RC4-128", "PBE-SHA1-RC4-128"): ("RC4-128",),
    ("PBE-SHA1-3DES", "PBE-SHA1-3DES"): ("3DES",),
    ("PBE-SHA1-2DES", "PBE-SHA1-2DES"): ("3DES with two keys",),
    ("AES-128-CBC", "AES-256-CBC"): ("AES-128", "AES-256"),
    ("AES-192-CBC", "AES-192-CBC"): ("AES-192",),
}


@pytest.mark.parametrize(("ciphers", "names"), CIPHERS.items(), ids=lambda value: value[-1])
def test_it_opens_a_pkcs12_file_of_every_cipher(
    ciphers: tuple[str, str], names: tuple[str, ...]
) -> None:
    for_certificates, for_key = ciphers
    data = openssl(
        "pkcs12", "-export", "-legacy", "-certpbe", for_certificates, "-keypbe", for_key,
        "-passout", f"pass:{PASSWORD}", given=EVERYTHING,
    )  # fmt: skip

    assert inspect_pkcs12(data).algorithms == names
    assert load_pkcs12(data, password=PASSWORD) == BUNDLE


@pytest.mark.parametrize("options", [[], ["-legacy"], ["-macalg", "sha512"], ["-nomaciter"]])
def test_it_opens_what_openssl_writes_by_itself(options: list[str]) -> None:
    data = openssl("pkcs12", "-export", *options, "-passout", f"pass:{PASSWORD}", given=EVERYTHING)

    assert load_pkcs12(data, password=PASSWORD) == BUNDLE


def test_an_empty_password_opens_a_file_that_was_made_with_one() -> None:
    data = openssl("pkcs12", "-export", "-passout", "pass:", given=EVERYTHING)

    assert load_pkcs12(data, password="") == BUNDLE


def test_openssl_tells_how_a_file_written_here_is_protected(tmp_path: Path) -> None:
    passphrase = make_passphrase()
    path = tmp_path / "written.p12"
    path.write_bytes(dump_pkcs12(BUNDLE, password=passphrase, friendly_name=COMMON_NAME))

    command = ["openssl", "pkcs12", "-info", "-in", str(path), "-nodes"]
    command += ["-passin", f"pass:{passphrase}"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)

    encrypted = r"PBES2, PBKDF2, AES-256-CBC, Iteration 600000, PRF hmacWithSHA256"
    assert len(re.findall(encrypted, run.stderr)) == 2
    assert "MAC: sha256" in run.stderr
    assert f"friendlyName: {COMMON_NAME}" in run.stdout
    assert load_bundle(run.stdout.encode()) == BUNDLE


# OpenSSL keeps the order of the file, where DER asks for a sorted set; the library says so.
@pytest.mark.filterwarnings("ignore:PKCS#7 certificates could not be parsed as DER")
@pytest.mark.parametrize("form", ["PEM", "DER"])
def test_it_reads_pkcs7_from_openssl(form: str, tmp_path: Path) -> None:
    path = tmp_path / "chain.pem"
    path.write_bytes(write_certificates(CHAIN))

    data = openssl("crl2pkcs7", "-nocrl", "-certfile", str(path), "-outform", form)

    assert set(load_certificates(data)) == set(CHAIN)


def test_it_reads_a_chain_file_with_the_comments_of_openssl_in_any_order() -> None:
    texts = [openssl("x509", "-text", given=issued.pem) for issued in (ROOT, CLIENT, ISSUER)]
    data = b"# our certificates\r\n" + b"\n\n".join(texts) + write_private_key(CLIENT.key)

    assert load_certificates(data) == [ROOT.certificate, CLIENT.certificate, ISSUER.certificate]
    assert load_bundle(data) == BUNDLE
    assert order_chain(CLIENT.certificate, load_certificates(data)) == CHAIN[1:]


def test_openssl_reads_the_der_and_the_pem_written_here() -> None:
    shown = openssl("x509", "-inform", "DER", given=write_der(CLIENT.certificate))

    assert shown == CLIENT.pem == write_certificates([CLIENT.certificate])
    assert x509.load_pem_x509_certificate(shown).public_bytes(Encoding.DER) == CLIENT.der


KEYS = {"rsa": CLIENT.key, "ec": make_key()}
ENCRYPTIONS = {
    "pkcs8 aes": ["pkcs8", "-topk8", "-v2", "aes-256-cbc"],
    "pkcs8 3des": ["pkcs8", "-topk8", "-v2", "des3"],
    "pkcs8 old 3des": ["pkcs8", "-topk8", "-v1", "PBE-SHA1-3DES"],
    "pkcs8 scrypt": ["pkcs8", "-topk8", "-scrypt"],
    "pkcs8 many rounds": ["pkcs8", "-topk8", "-iter", "100000"],
    "traditional aes": ["-aes256"],
    "traditional 3des": ["-des3"],
}


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("encryption", ENCRYPTIONS)
def test_it_reads_keys_as_openssl_encrypts_them(kind: str, encryption: str) -> None:
    command = {"rsa": ["rsa", "-traditional"], "ec": ["ec"]}[kind]
    options = ENCRYPTIONS[encryption]
    if encryption.startswith("traditional"):
        options = command + options
    key: PrivateKey = KEYS[kind]

    data = openssl(*options, "-passout", f"pass:{PASSWORD}", given=write_private_key(key))

    assert b"ENCRYPTED" in data
    read = load_private_key(data, passphrase=PASSWORD.encode())
    assert write_private_key(read) == write_private_key(key)


def test_a_request_a_certificate_and_a_key_of_openssl_fit_together() -> None:
    """The way in which people do it by hand."""
    key = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384")
    made = openssl(
        "req", "-x509", "-key", "/dev/stdin", "-subj", "/C=BE/CN=kb.example", "-days", "9",
        given=key,
    )  # fmt: skip
    certificate = load_certificates(made)[0]

    assert common_name(certificate) == "kb.example"
    assert same_key(certificate, load_private_key(key, passphrase=None))
