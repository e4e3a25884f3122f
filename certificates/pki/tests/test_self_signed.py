"""Self-signed client certificates: who takes them as the certificate to trust."""

import ssl
import subprocess
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest
from cryptography import x509
from OpenSSL import crypto

from certificates.pki import (
    KeyBundle,
    PrivateKey,
    SubjectError,
    SubjectName,
    WeakKeyError,
    check_client_certificate,
    common_name,
    describe,
    is_self_signed,
    self_sign,
    verify_client_path,
    write_certificates,
    write_private_key,
)
from certificates.tests.builders import (
    COMMON_NAME,
    NOON,
    make_client,
    make_key,
    make_server,
    rsa_key,
)

SUBJECT = SubjectName(common_name=COMMON_NAME, country="BE")
YEAR = timedelta(days=365)


def signed(key: PrivateKey) -> x509.Certificate:
    return self_sign(key, SUBJECT, not_before=NOON, not_after=NOON + YEAR)


CERTIFICATE = signed(make_key())


def test_one_can_log_in_with_it() -> None:
    key = rsa_key(2048)
    bundle = KeyBundle(write_private_key(key), pem(signed(key)), b"")

    check_client_certificate(bundle, common_name=COMMON_NAME, at=NOON)


def test_it_is_the_certificate_of_a_client_and_no_authority() -> None:
    facts = describe(CERTIFICATE)

    assert is_self_signed(CERTIFICATE)
    assert (facts.is_authority, facts.allows_client_auth) == (False, True)
    assert (facts.not_before, facts.not_after) == (NOON, NOON + YEAR)
    assert facts.subject == facts.issuer


def test_openssl_verifies_it_for_clients_when_it_is_the_anchor(tmp_path: Path) -> None:
    (tmp_path / "own.pem").write_bytes(pem(CERTIFICATE))
    (tmp_path / "other.pem").write_bytes(make_client().pem)

    assert openssl_verify(tmp_path / "own.pem", anchor=tmp_path / "own.pem") == 0
    assert openssl_verify(tmp_path / "own.pem", anchor=tmp_path / "other.pem") == 2


def openssl_verify(certificate: Path, *, anchor: Path) -> int:
    command = ["openssl", "verify", "-x509_strict", "-purpose", "sslclient"]
    command += ["-attime", str(int(NOON.timestamp())), "-no-CApath", "-no-CAstore"]
    command += ["-CAfile", str(anchor), str(certificate)]
    return subprocess.run(command, capture_output=True, check=False).returncode


def test_pyopenssl_verifies_it_when_it_is_the_anchor() -> None:
    store = crypto.X509Store()
    store.add_cert(crypto.X509.from_cryptography(CERTIFICATE))
    store.set_time(NOON)

    crypto.X509StoreContext(store, crypto.X509.from_cryptography(CERTIFICATE)).verify_certificate()


def test_a_server_that_trusts_it_lets_its_key_in_and_no_other() -> None:
    key, other = rsa_key(2048), make_key()
    known = self_sign(key, SUBJECT, not_before=NOON - 9 * YEAR, not_after=NOON + 30 * YEAR)
    stranger = self_sign(other, SUBJECT, not_before=NOON - 9 * YEAR, not_after=NOON + 30 * YEAR)

    assert (
        handshake(KeyBundle(write_private_key(key), pem(known), b""), trusted=known) == COMMON_NAME
    )
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(KeyBundle(write_private_key(other), pem(stranger), b""), trusted=known)


def handshake(client: KeyBundle, *, trusted: x509.Certificate) -> str:
    """Shake hands in memory; return the common name under which the server knows the client."""
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    load(server_side, make_server(x509.DNSName("ftps.example")).bundle())
    server_side.verify_mode = ssl.CERT_REQUIRED
    server_side.load_verify_locations(cadata=pem(trusted).decode())
    client_side = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client_side.check_hostname, client_side.verify_mode = False, ssl.CERT_NONE
    load(client_side, client)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client_side.wrap_bio(to_client, to_server),
        server_side.wrap_bio(to_server, to_client, server_side=True),
    ]
    waiting = list(ends)
    while waiting:
        end = waiting.pop(0)
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            waiting.append(end)
    presented = ends[1].getpeercert(binary_form=True)
    assert presented is not None
    return common_name(x509.load_der_x509_certificate(presented))


def load(context: ssl.SSLContext, bundle: KeyBundle) -> None:
    with NamedTemporaryFile() as file:
        file.write(bundle.private_key_pem + bundle.certificate_pem)
        file.flush()
        context.load_cert_chain(file.name)


def pem(certificate: x509.Certificate) -> bytes:
    return write_certificates([certificate])


def test_the_portal_verifies_it_when_it_is_the_anchor() -> None:
    path = verify_client_path(CERTIFICATE, intermediates=[], anchors=[CERTIFICATE], at=NOON)

    assert path.certificates == (CERTIFICATE,)


def test_it_makes_none_for_a_weak_key_or_an_impossible_subject() -> None:
    with pytest.raises(WeakKeyError):
        signed(rsa_key(1024))
    with pytest.raises(SubjectError):
        self_sign(make_key(), SubjectName(""), not_before=NOON, not_after=NOON + YEAR)
