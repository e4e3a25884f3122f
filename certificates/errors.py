"""What the services refuse, beyond what :mod:`certificates.pki` finds in the bytes.

CertificateError         code
├─ IdentityError         a client identity that can't be made like that
├─ UploadError           an uploaded file that can't be a certificate or a key
└─ TrustError            a certificate that can't become a trust anchor

``code`` is stable; :mod:`certificates.advice` has two sentences for each.
"""

from enum import StrEnum


class CertificateCode(StrEnum):
    """Every code that an error of the services can carry."""

    IDENTITY_TAKEN = "identity.taken"
    IDENTITY_COMMON_NAME = "identity.common_name"
    UPLOAD_EMPTY = "certificate.file_empty"
    UPLOAD_TOO_LARGE = "certificate.file_too_large"
    UPLOAD_NO_KEY = "certificate.key_missing"
    TRUST_EXPIRED = "trust.expired"
    TRUST_TOO_MANY = "trust.too_many"


class CertificateError(Exception):
    """``str()`` is one technical line in English, without secrets."""

    def __init__(self, message: str, *, code: CertificateCode, **context: str) -> None:
        super().__init__(message)
        self.code = code
        self.context = context


class IdentityError(CertificateError):
    pass


class UploadError(CertificateError):
    pass


class TrustError(CertificateError):
    """Context of ``trust.expired``: ``subject``, ``not_after`` (ISO 8601)."""
