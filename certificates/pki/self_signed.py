"""Self-signed client certificates, for servers that trust a certificate and no authority."""

from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from certificates.pki.keys import PrivateKey, check_key_strength
from certificates.pki.requests import signature_hash
from certificates.pki.subjects import SubjectName, build_name


def self_sign(
    key: PrivateKey, subject: SubjectName, *, not_before: datetime, not_after: datetime
) -> x509.Certificate:
    """Make a client certificate that is signed with its own key; the times are aware.

    The server gets the certificate itself as what it trusts. It is no authority (cA is false), so
    whoever trusts it trusts nothing else; OpenSSL, which most FTP servers use, takes such a leaf as
    trust anchor. Raises SubjectError, WeakKeyError, or ValueError for an empty period.
    """
    check_key_strength(key.public_key())
    name = build_name(subject)
    public_key = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_DIGITAL_SIGNATURE, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .sign(key, signature_hash(key))
    )


_DIGITAL_SIGNATURE = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)
