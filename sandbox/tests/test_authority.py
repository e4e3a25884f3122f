from __future__ import annotations

import stat
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from OpenSSL import crypto

from sandbox.authority import ISSUING_KEY_FILE, Authority, Issued
from sandbox.server import DEMO_ACCOUNT, open_authority

if TYPE_CHECKING:
    from pathlib import Path


def _verify_strictly(issued: Issued, authority: Authority) -> None:
    store = crypto.X509Store()
    store.set_flags(crypto.X509StoreFlags.X509_STRICT)
    store.add_cert(crypto.X509.from_cryptography(_load(authority.root_pem)))
    leaf = crypto.X509.from_cryptography(_load(issued.certificate_pem))
    chain = [crypto.X509.from_cryptography(_load(issued.chain_pem))]
    crypto.X509StoreContext(store, leaf, chain).verify_certificate()


def _load(pem: bytes) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem)


def test_a_strict_verifier_accepts_what_it_issues(authority: Authority) -> None:
    _verify_strictly(authority.issue_client(DEMO_ACCOUNT), authority)
    _verify_strictly(authority.issue_server(["localhost"]), authority)


def test_another_authority_does_not_vouch_for_it(authority: Authority) -> None:
    issued = Authority.create().issue_client(DEMO_ACCOUNT)

    with pytest.raises(crypto.X509StoreContextError):
        _verify_strictly(issued, authority)


def test_a_server_certificate_names_hosts_and_addresses(authority: Authority) -> None:
    certificate = _load(authority.issue_server(["localhost", "127.0.0.1"]).certificate_pem)

    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value

    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert [str(a) for a in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]


def test_a_client_certificate_has_a_cn_and_no_alternative_names(authority: Authority) -> None:
    certificate = _load(authority.issue_client(DEMO_ACCOUNT).certificate_pem)

    assert f"CN={DEMO_ACCOUNT}" in certificate.subject.rfc4514_string()
    with pytest.raises(x509.ExtensionNotFound):
        certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)


def test_a_client_certificate_can_be_made_expired(authority: Authority) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)  # noqa: TID251 - plain Python

    certificate = _load(authority.issue_client(DEMO_ACCOUNT, not_after=yesterday).certificate_pem)

    assert certificate.not_valid_after_utc == yesterday.replace(microsecond=0)


def test_the_private_key_does_not_show_in_a_repr(authority: Authority) -> None:
    assert "PRIVATE" not in repr(authority.issue_client(DEMO_ACCOUNT))


def test_it_is_the_same_authority_after_saving_and_loading(
    tmp_path: Path, authority: Authority
) -> None:
    authority.save(tmp_path)

    loaded = Authority.load(tmp_path)

    assert loaded.bundle_pem == authority.bundle_pem
    _verify_strictly(loaded.issue_client(DEMO_ACCOUNT), authority)


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_a_request_is_granted_with_its_own_subject_and_key(
    authority: Authority, encoding: Encoding
) -> None:
    request = _request("kb/practice")

    granted = authority.certify(request.public_bytes(encoding))

    certificate = _load(granted)
    assert certificate.subject == request.subject
    assert certificate.public_key() == request.public_key()
    _verify_strictly(Issued(granted, b"", authority.chain_pem), authority)


def test_what_is_no_sound_request_is_not_granted(authority: Authority) -> None:
    sound = _request("kb/practice").public_bytes(Encoding.DER)
    changed = sound.replace(b"kb/practice", b"kb/another!")
    nameless = _request(None).public_bytes(Encoding.PEM)

    for request in (b"", b"no request", authority.chain_pem, changed, nameless):
        with pytest.raises(ValueError, match=r"\w"):
            authority.certify(request)


def _request(common_name: str | None) -> x509.CertificateSigningRequest:
    named = [] if common_name is None else [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(named))
    return builder.sign(ec.generate_private_key(ec.SECP256R1()), SHA256())


def test_only_the_owner_can_read_the_saved_key(tmp_path: Path, authority: Authority) -> None:
    authority.save(tmp_path)

    assert stat.S_IMODE((tmp_path / ISSUING_KEY_FILE).stat().st_mode) == 0o600


def test_many_that_open_it_at_once_get_one_authority(tmp_path: Path) -> None:
    roots: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: roots.append(open_authority(tmp_path).root_pem))
        for _ in range(8)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(roots) == 8
    assert len(set(roots)) == 1
