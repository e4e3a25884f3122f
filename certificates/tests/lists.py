"""Make revocation lists, and certificates that name where theirs is."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from certificates.tests.builders import NOON, Issued

DAY = timedelta(days=1)


def make_list(
    issuer: Issued,
    *revoked: x509.Certificate,
    at: datetime = NOON,
    lasts: timedelta = 7 * DAY,
    number: int = 1,
    reason: x509.ReasonFlags = x509.ReasonFlags.key_compromise,
    further: Sequence[tuple[x509.ExtensionType, bool]] = (),
    entry_extensions: Sequence[tuple[x509.ExtensionType, bool]] = (),
) -> x509.CertificateRevocationList:
    """Make the list that an authority issues at this time, with these certificates on it."""
    authority_key = issuer.certificate.public_key()
    assert isinstance(authority_key, RSAPublicKey | EllipticCurvePublicKey)
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(at)
        .next_update(at + lasts)
        .add_extension(authority, critical=False)
        .add_extension(x509.CRLNumber(number), critical=False)
    )
    for extension, critical in further:
        builder = builder.add_extension(extension, critical)
    for certificate in revoked:
        entry = (
            x509.RevokedCertificateBuilder()
            .serial_number(certificate.serial_number)
            .revocation_date(at - DAY)
            .add_extension(x509.CRLReason(reason), critical=False)
        )
        for extension, critical in entry_extensions:
            entry = entry.add_extension(extension, critical)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(issuer.key, SHA256())


def der_of(revocation_list: x509.CertificateRevocationList) -> bytes:
    return revocation_list.public_bytes(Encoding.DER)


def naming(issued: Issued, issuer: Issued, *addresses: str) -> Issued:
    """Issue a certificate again, with the addresses of its issuer's list in it."""
    return with_points(issued, issuer, [point(address) for address in addresses])


def point(address: str) -> x509.DistributionPoint:
    return x509.DistributionPoint(
        full_name=[x509.UniformResourceIdentifier(address)],
        relative_name=None,
        reasons=None,
        crl_issuer=None,
    )


def with_points(issued: Issued, issuer: Issued, points: Sequence[x509.DistributionPoint]) -> Issued:
    old = issued.certificate
    builder = (
        x509.CertificateBuilder()
        .subject_name(old.subject)
        .issuer_name(issuer.certificate.subject)
        .public_key(old.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(old.not_valid_before_utc)
        .not_valid_after(old.not_valid_after_utc)
        .add_extension(x509.CRLDistributionPoints(points), critical=False)
    )
    for extension in old.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    return Issued(issued.key, builder.sign(issuer.key, SHA256()))


def altered(
    revocation_list: x509.CertificateRevocationList, issuer: Issued, old: bytes, new: bytes
) -> bytes:
    """Replace the one place where these octets stand in a list, and sign it again (DER)."""
    inner = _contents(revocation_list.tbs_certlist_bytes)
    assert inner.count(old) == 1
    assert isinstance(issuer.key, EllipticCurvePrivateKey)
    return signed_again(_sequence(inner.replace(old, new)), issuer.key)


def signed_again(body: bytes, key: EllipticCurvePrivateKey) -> bytes:
    """Put a signature with SHA-256 below the body of a list or a certificate (DER)."""
    signature = b"\x00" + key.sign(body, ECDSA(SHA256()))
    ecdsa_with_sha256 = bytes.fromhex("300a06082a8648ce3d040302")
    return _sequence(body + ecdsa_with_sha256 + b"\x03" + bytes([len(signature)]) + signature)


def _contents(sequence: bytes) -> bytes:
    return sequence[2:] if sequence[1] < 0x80 else sequence[2 + (sequence[1] & 0x7F) :]


def _sequence(contents: bytes) -> bytes:
    assert 0x7F < len(contents) < 0x10000
    octets = (len(contents).bit_length() + 7) // 8
    return b"\x30" + bytes([0x80 | octets]) + len(contents).to_bytes(octets, "big") + contents
