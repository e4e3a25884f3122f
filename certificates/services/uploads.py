"""Turn files that somebody hands over into a key with its certificate."""

from certificates.errors import CertificateCode, UploadError
from certificates.pki import (
    KeyBundle,
    ParseError,
    inspect_pkcs12,
    load_bundle,
    load_certificates,
    load_pkcs12,
)

LARGEST_FILE = 1024**2
"""Octets; a certificate with key and chain takes a hundredth of it."""


def read_upload(file: bytes, *, key: bytes | None = None, passphrase: str = "") -> KeyBundle:
    """Read a PKCS#12 file, or a certificate (PEM, DER, PKCS#7) with its key.

    The key comes in a file of its own (PEM or DER), or in the same PEM file. With a PKCS#12 file
    ``key`` isn't looked at. Raises UploadError or a PKIError that says what is wrong.
    """
    for part in (file, key):
        if part is not None:
            check_size(part)
    if _is_pkcs12(file):
        return load_pkcs12(file, password=passphrase)
    load_certificates(file)
    if key is None and b"PRIVATE KEY-----" not in file:
        raise UploadError(
            "a certificate without its private key", code=CertificateCode.UPLOAD_NO_KEY
        )
    return load_bundle(file, key=key, passphrase=passphrase.encode())


def check_size(part: bytes) -> None:
    if not part:
        raise UploadError("the file is empty", code=CertificateCode.UPLOAD_EMPTY)
    if len(part) > LARGEST_FILE:
        raise UploadError(
            f"the file has over {LARGEST_FILE} octets", code=CertificateCode.UPLOAD_TOO_LARGE
        )


def _is_pkcs12(file: bytes) -> bool:
    try:
        inspect_pkcs12(file)
    except ParseError:
        return False
    return True
