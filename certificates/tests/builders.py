"""Make keys and certificates for tests, as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certificates.pki import KeyBundle, PrivateKey, write_private_key

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
"""The moment at which certificates made here are valid unless a test says otherwise."""
COMMON_NAME = "kb.vlaanderen.be/aiv/burgerloket wwoom-aip"
"""An account name with the characters that a careless reader trips over."""

CLIENT_AUTH = (ExtendedKeyUsageOID.CLIENT_AUTH,)
SERVER_AUTH = (ExtendedKeyUsageOID.SERVER_AUTH,)


@dataclass(frozen=True, slots=True)
class Issued:
    """A private key with the certificate made for it."""

    key: PrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    def bundle(self, *chain: "Issued") -> KeyBundle:
        """Join key and certificate, with these issuers as the chain."""
        return KeyBundle(
            private_key_pem=write_private_key(self.key),
            certificate_pem=self.pem,
            chain_pem=b"".join(issuer.pem for issuer in chain),
        )


def make_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def rsa_key(bits: int) -> rsa.RSAPrivateKey:
    """Return an RSA key of this size, always the same one: making them is slow."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def make_authority(
    name: str = "Practice Root CA",
    *,
    issuer: Issued | None = None,
    key: PrivateKey | None = None,
    signs_certificates: bool = True,
    further: Sequence[x509.ExtensionType] = (),
    not_before: datetime = NOON - timedelta(days=30),
) -> Issued:
    """Make a root, or an intermediate authority when an issuer is given.

    All its extensions are critical, the further ones too.
    """
    extensions = [
        x509.BasicConstraints(ca=True, path_length=None),
        _key_usage(signs_certificates=signs_certificates),
        *further,
    ]
    return _make(
        name,
        issuer=issuer,
        key=key,
        extensions=[(one, True) for one in extensions],
        not_before=not_before,
    )


def impostor_of(authority: Issued) -> Issued:
    """Certify an authority's name and public key again: nobody's private key is needed for that.

    The certificate may not sign lists.
    """
    somebody = make_authority("Somebody's CA")
    builder = (
        x509.CertificateBuilder()
        .subject_name(authority.certificate.subject)
        .issuer_name(somebody.certificate.subject)
        .public_key(authority.certificate.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(authority.certificate.not_valid_before_utc)
        .not_valid_after(authority.certificate.not_valid_after_utc)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .add_extension(_key_usage(signs_certificates=True, signs_lists=False), True)
    )
    return Issued(somebody.key, builder.sign(somebody.key, SHA256()))


def make_client(
    common_name: str = COMMON_NAME,
    *,
    issuer: Issued | None = None,
    key: PrivateKey | None = None,
    purposes: Sequence[x509.ObjectIdentifier] = CLIENT_AUTH,
    not_before: datetime = NOON - timedelta(days=30),
    not_after: datetime = NOON + timedelta(days=335),
    serial: int | None = None,
) -> Issued:
    """Make a client certificate that is named by its common name alone; self-signed by default."""
    usage: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=False, path_length=None), True)
    ]
    if purposes:
        usage.append((x509.ExtendedKeyUsage(purposes), False))
    return _make(
        common_name,
        issuer=issuer,
        key=key,
        extensions=usage,
        not_before=not_before,
        not_after=not_after,
        serial=serial,
    )


def make_server(
    name: x509.GeneralName, *, issuer: Issued | None = None, key: PrivateKey | None = None
) -> Issued:
    """Make a server certificate for one subjectAltName entry."""
    return _make(
        "ftps.example",
        issuer=issuer,
        key=key,
        extensions=[
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (x509.ExtendedKeyUsage(SERVER_AUTH), False),
            (x509.SubjectAlternativeName([name]), False),
        ],
    )


def _make(
    common_name: str,
    *,
    extensions: Sequence[tuple[x509.ExtensionType, bool]],
    issuer: Issued | None = None,
    key: PrivateKey | None = None,
    not_before: datetime = NOON - timedelta(days=30),
    not_after: datetime = NOON + timedelta(days=335),
    serial: int | None = None,
) -> Issued:
    own_key = key or make_key()
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "BE"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Practice"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )
    issuer_key = issuer.key if issuer else own_key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(own_key.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own_key.public_key()), False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False
        )
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return Issued(own_key, builder.sign(issuer_key, SHA256()))


def _key_usage(*, signs_certificates: bool, signs_lists: bool | None = None) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates if signs_lists is None else signs_lists,
        encipher_only=False,
        decipher_only=False,
    )
