"""Turn files that somebody hands over into a key with its certificate."""

from cryptography import x509

from certificates.errors import CertificateCode, UploadError
from certificates.pki import (
    KeyBundle,
    ParseError,
    PasswordError,
    Pkcs12Facts,
    inspect_pkcs12,
    load_bundle,
    load_certificates,
    load_pkcs12,
    load_private_key,
)

LARGEST_FILE = 1024**2
"""Octets; a certificate with key and chain takes a hundredth of it."""


def read_upload(file: bytes, *, key: bytes | None = None, passphrase: str = "") -> KeyBundle:
    """Read a PKCS#12 file, or a certificate (PEM, DER, PKCS#7) with its key.

    The key comes in a file of its own (PEM or DER), or in the same PEM file. With a PKCS#12 file
    ``key`` isn't looked at. Raises UploadError or a PKIError that says what is wrong.
    """
    if not brings_key(file, key=key):
        read_certificates(file)
        raise UploadError(
            "a certificate without its private key", code=CertificateCode.UPLOAD_NO_KEY
        )
    if _pkcs12_facts(file) is not None:
        return load_pkcs12(file, password=passphrase)
    read_certificates(file)
    return load_bundle(file, key=key, passphrase=passphrase.encode(errors="surrogatepass"))


def read_certificates(file: bytes) -> list[x509.Certificate]:
    """Read the certificates of a PEM, DER or PKCS#7 file.

    Raises UploadError for a file that is empty, too large, or holds a private key only, and
    ParseError for any other without certificates.
    """
    check_size(file)
    try:
        return load_certificates(file)
    except ParseError:
        if _is_key(file):
            raise UploadError(
                "a private key without its certificate", code=CertificateCode.UPLOAD_ONLY_KEY
            ) from None
        raise


def _is_key(file: bytes) -> bool:
    """Say whether a file without readable certificates is a private key, encrypted or not."""
    if b"CERTIFICATE-----" in file:
        return False
    try:
        load_private_key(file, passphrase=None)
    except PasswordError:
        return True
    except ParseError:
        return False
    return True


def brings_key(file: bytes, *, key: bytes | None) -> bool:
    """Say whether a private key came along, however the file is made.

    Raises UploadError for a file that is empty or too large.
    """
    for part in (file, key):
        if part is not None:
            check_size(part)
    return key is not None or b"PRIVATE KEY-----" in file or _pkcs12_facts(file) is not None


def old_encryption(file: bytes) -> Pkcs12Facts | None:
    """Return how a PKCS#12 file is encrypted when that is out of date; else None.

    It is told to people: the portal keeps the key under AES-256, and other programs may not open
    their file at all (``needs_legacy_provider``).
    """
    facts = _pkcs12_facts(file)
    return facts if facts is not None and facts.is_legacy else None


def check_size(part: bytes) -> None:
    if not part:
        raise UploadError("the file is empty", code=CertificateCode.UPLOAD_EMPTY)
    if len(part) > LARGEST_FILE:
        raise UploadError(
            f"the file has over {LARGEST_FILE} octets", code=CertificateCode.UPLOAD_TOO_LARGE
        )


def _pkcs12_facts(file: bytes) -> Pkcs12Facts | None:
    """Return how a PKCS#12 file is protected, or None when it is another kind of file."""
    try:
        return inspect_pkcs12(file)
    except ParseError:
        return None
