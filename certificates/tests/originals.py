"""One sound file of every kind that is read, cheap to open, to be damaged by mutations.py."""

import subprocess
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs7 import serialize_certificates
from cryptography.hazmat.primitives.serialization.pkcs12 import PBES, serialize_key_and_certificates

from certificates.pki import SubjectName, build_request, write_private_key, write_request
from certificates.tests.builders import (
    COMMON_NAME,
    NOON,
    Issued,
    make_authority,
    make_client,
    rsa_key,
)

PASSWORD = "practice"
ROOT = make_authority()
ISSUER = make_authority("Practice Issuing CA", issuer=ROOT)
CLIENT = make_client(issuer=ISSUER)
RSA_CLIENT = make_client(key=rsa_key(1024))
CHAIN = [issued.certificate for issued in (CLIENT, ISSUER, ROOT)]


def certificate_files() -> list[bytes]:
    return [
        CLIENT.der,
        RSA_CLIENT.der,
        _with_every_extension(),
        b"a comment\n" + CLIENT.pem + b"another\n" + ISSUER.pem,
        serialize_certificates(CHAIN, Encoding.DER),
        serialize_certificates(CHAIN, Encoding.PEM),
    ]


def key_files() -> list[bytes]:
    """RSA and EC, DER and PEM, in the clear and encrypted as the library does by default."""
    forms = [
        (Encoding.DER, PrivateFormat.PKCS8),
        (Encoding.PEM, PrivateFormat.PKCS8),
        (Encoding.DER, PrivateFormat.TraditionalOpenSSL),
        (Encoding.PEM, PrivateFormat.TraditionalOpenSSL),
    ]
    return [
        key.private_bytes(encoding, form, encryption)
        for key in (CLIENT.key, RSA_CLIENT.key)
        for encoding, form in forms
        for encryption in (NoEncryption(), BestAvailableEncryption(PASSWORD.encode()))
        if (encoding, form, type(encryption)) != _NEVER_ENCRYPTED
    ]


# Traditional keys are encrypted by PEM headers, which DER has not.
_NEVER_ENCRYPTED = (Encoding.DER, PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption)


def pkcs12_files() -> list[bytes]:
    """Old and new ones; what is encrypted takes one round."""
    algorithms = (PBES.PBESv2SHA256AndAES256CBC, PBES.PBESv1SHA1And3KeyTripleDESCBC)
    return [*(_pkcs12(algorithm) for algorithm in algorithms), *clear_pkcs12_files()]


def clear_pkcs12_files() -> list[bytes]:
    """Files with a MAC and nothing encrypted, which lay open what is in them."""
    return [_clear_pkcs12(client) for client in (CLIENT, RSA_CLIENT)]


def request_files() -> list[bytes]:
    subject = SubjectName(COMMON_NAME, country="BE", email="a@b.example")
    requests = [build_request(CLIENT.key, subject), build_request(rsa_key(2048), subject)]
    return [*requests, *(write_request(one) for one in requests)]


def revocation_list_files() -> list[bytes]:
    entries = [
        x509.RevokedCertificateBuilder()
        .serial_number(number)
        .revocation_date(NOON)
        .add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False)
        .add_extension(x509.InvalidityDate(NOON), critical=False)
        .build()
        for number in (5, CLIENT.certificate.serial_number)
    ]
    point = x509.IssuingDistributionPoint([_WEB], None, True, False, None, False, False)
    signed = (
        x509.CertificateRevocationListBuilder(revoked_certificates=entries)
        .issuer_name(ISSUER.certificate.subject)
        .last_update(NOON)
        .next_update(NOON + timedelta(days=1))
        .add_extension(x509.CRLNumber(7), critical=False)
        .add_extension(point, critical=True)
        .sign(ISSUER.key, SHA256())
    )
    return [signed.public_bytes(Encoding.DER), signed.public_bytes(Encoding.PEM)]


_WEB = x509.UniformResourceIdentifier("http://crl.example/ca.crl")


def _with_every_extension() -> bytes:
    """A certificate with every extension that is looked at somewhere."""
    point = x509.DistributionPoint([_WEB], None, None, None)
    names: list[x509.GeneralName] = [
        x509.DNSName("ftps.example"),
        x509.RFC822Name("a@b.example"),
        x509.DirectoryName(CLIENT.certificate.subject),
        x509.RegisteredID(x509.ObjectIdentifier("1.2.3")),
        x509.OtherName(x509.ObjectIdentifier("1.2.3"), b"\x05\x00"),
        _WEB,
    ]
    builder = (
        x509.CertificateBuilder()
        .subject_name(CLIENT.certificate.subject)
        .issuer_name(ISSUER.certificate.subject)
        .public_key(CLIENT.key.public_key())
        .serial_number(77)
        .not_valid_before(NOON)
        .not_valid_after(NOON + timedelta(days=1))
        .add_extension(x509.CRLDistributionPoints([point]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
    )
    for extension in CLIENT.certificate.extensions:
        builder = builder.add_extension(extension.value, critical=extension.critical)
    return builder.sign(ISSUER.key, SHA256()).public_bytes(Encoding.DER)


def _pkcs12(algorithm: PBES) -> bytes:
    once = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(1).key_cert_algorithm(algorithm)
    return serialize_key_and_certificates(
        b"practice",
        CLIENT.key,
        CLIENT.certificate,
        [ISSUER.certificate],
        once.build(PASSWORD.encode()),
    )


def _clear_pkcs12(client: Issued) -> bytes:
    command = ["openssl", "pkcs12", "-export", "-keypbe", "NONE", "-certpbe", "NONE"]
    command += ["-passout", f"pass:{PASSWORD}"]
    given = write_private_key(client.key) + client.pem
    return subprocess.run(command, input=given, capture_output=True, check=True).stdout
