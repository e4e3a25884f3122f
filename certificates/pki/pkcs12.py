"""Read PKCS#12 files old and new, and write new ones (RFC 7292).

The algorithm identifiers are read before the password is tried, since OpenSSL reports a wrong
password and a cipher that it has switched off with the same words.
"""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    PBES,
    PKCS12KeyAndCertificates,
    serialize_key_and_certificates,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12 as open_pkcs12

from certificates.pki.bundle import assemble_bundle
from certificates.pki.certificates import load_certificates, read_whole
from certificates.pki.encryption import MAX_ITERATIONS, legacy_ciphers_available
from certificates.pki.errors import ErrorCode, ParseError, PasswordError, PKIError
from certificates.pki.key_files import load_private_key
from certificates.pki.keys import KeyBundle, PrivateKey
from certificates.pki.library import LIBRARY_ERRORS
from certificates.pki.pkcs12_facts import Pkcs12Facts, inspect_pkcs12, reachable_keys

KEY_DERIVATION_ROUNDS = 600_000
"""PBKDF2 with HMAC-SHA-256, as OWASP's Password Storage Cheat Sheet counts it."""


def load_pkcs12(data: bytes, *, password: str) -> KeyBundle:
    """Read the private key, its certificate and the chain from a PKCS#12 file.

    inspect_pkcs12 tells whether the file was an old one. Raises ParseError, PasswordError or
    KeyMismatchError; a damaged file cannot be told from a wrong password, as the MAC covers both.
    """
    octets = _octets(password)
    _check_readable(inspect_pkcs12(data))
    _check_keys(data, octets)
    contents = _open(data, octets)
    if contents.key is None:
        raise ParseError("the PKCS#12 file holds no private key", code=ErrorCode.PKCS12_NO_KEY)
    found = [contents.cert, *contents.additional_certs]
    certificates = [read_whole(entry.certificate) for entry in found if entry is not None]
    if not certificates:
        raise ParseError(
            "the PKCS#12 file holds no certificate", code=ErrorCode.PKCS12_NO_CERTIFICATE
        )
    return assemble_bundle(_accepted(contents), certificates)


def dump_pkcs12(bundle: KeyBundle, *, password: str, friendly_name: str) -> bytes:
    """Write a PKCS#12 file: AES-256-CBC, PBKDF2 with 600,000 rounds, SHA-256 MAC.

    The MAC keeps the 2048 rounds that libraries give it, so the file is only as strong as its
    password: see passphrases.py. cryptography has no setting for them. PBMAC1 (RFC 9579) would
    mend it, but what stands on OpenSSL before 3.4, such as curl here and WinSCP, cannot read that.
    Raises ValueError for an empty password.
    """
    if not password:
        raise ValueError("a PKCS#12 file needs a password")
    encryption = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(KEY_DERIVATION_ROUNDS)
        .key_cert_algorithm(PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(SHA256())
        .build(password.encode())
    )
    return serialize_key_and_certificates(
        friendly_name.encode(),
        load_private_key(bundle.private_key_pem, passphrase=None),
        bundle.certificate,
        load_certificates(bundle.chain_pem) if bundle.chain_pem else None,
        encryption,
    )


def _octets(password: str) -> bytes:
    """Encode a password; one that no file can have is a wrong one, at which the library panics."""
    try:
        if "\0" not in password:
            return password.encode()
    except UnicodeEncodeError:
        pass
    raise _wrong_password()


def _check_readable(facts: Pkcs12Facts) -> None:
    """Raise ParseError for what must not or cannot be opened, whatever the password."""
    if not facts.has_mac:
        raise ParseError(
            "the PKCS#12 file has no MAC, so nothing shows whether it was altered",
            code=ErrorCode.PKCS12_NO_MAC,
        )
    if facts.unknown or (facts.needs_legacy_provider and not legacy_ciphers_available()):
        algorithms = ", ".join(facts.algorithms)
        raise ParseError(
            f"the PKCS#12 file is encrypted with {algorithms}, which cannot be opened here",
            code=ErrorCode.PKCS12_UNSUPPORTED,
            algorithms=algorithms,
        )
    if facts.total_iterations > MAX_ITERATIONS:
        raise ParseError(
            f"opening the file would take over {MAX_ITERATIONS} rounds of key derivation",
            code=ErrorCode.PKCS12_TOO_COSTLY,
        )


def _check_keys(data: bytes, password: bytes) -> None:
    """Raise ParseError for a key so large that judging it would take hours.

    The library judges a key at once, so each is looked at on its own before. What is amiss
    besides, a wrong password for one, the library finds out.
    """
    for key in reachable_keys(data):
        try:
            load_private_key(key, passphrase=password)
        except PKIError as error:
            if error.code == ErrorCode.KEY_TOO_LARGE:
                raise


def _open(data: bytes, password: bytes) -> PKCS12KeyAndCertificates:
    try:
        return open_pkcs12(data, password)
    except LIBRARY_ERRORS as exc:
        if "Invalid password" in str(exc):
            raise _wrong_password() from exc
        raise ParseError(
            "the PKCS#12 file cannot be read", code=ErrorCode.PKCS12_NOT_PKCS12
        ) from exc


def _accepted(contents: PKCS12KeyAndCertificates) -> PrivateKey:
    if isinstance(contents.key, PrivateKey):
        return contents.key
    raise ParseError("the private key is neither RSA nor EC", code=ErrorCode.KEY_UNSUPPORTED)


def _wrong_password() -> PasswordError:
    return PasswordError(
        "the password does not open the PKCS#12 file", code=ErrorCode.PKCS12_WRONG_PASSWORD
    )
