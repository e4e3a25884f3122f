"""What the services refuse, beyond what :mod:`certificates.pki` finds in the bytes.

CertificateError         code
├─ IdentityError         a client identity that can't be made like that
├─ UploadError           an uploaded file that can't be a certificate or a key
├─ RelayError            a switch of certificates that can't be made
├─ KeyPairError          a key pair that can't be used, or not be destroyed
├─ TrustError            a certificate that can't become a trust anchor
├─ WatchError            something about a watched server that can't be so
└─ RevocationListError   a revocation list that nobody here can judge

``code`` is stable; :mod:`certificates.advice` has two sentences for each.
"""

from enum import StrEnum


class CertificateCode(StrEnum):
    """Every code that an error of the services can carry."""

    IDENTITY_TAKEN = "identity.taken"
    IDENTITY_COMMON_NAME = "identity.common_name"
    UPLOAD_EMPTY = "certificate.file_empty"
    UPLOAD_TOO_LARGE = "certificate.file_too_large"
    UPLOAD_CUT = "certificate.upload_cut"
    UPLOAD_NO_KEY = "certificate.key_missing"
    UPLOAD_ONLY_KEY = "certificate.only_a_key"
    CERTIFICATE_SERIAL_REPEATED = "certificate.serial_repeated"
    RELAY_NO_NEXT = "relay.no_next"
    RELAY_REVOKED = "relay.revoked"
    RELAY_NOT_YET_VALID = "relay.not_yet_valid"
    RELAY_EXPIRED = "relay.expired"
    RELAY_MOMENT_PASSED = "relay.moment_passed"
    KEY_PAIR_IN_USE = "key_pair.in_use"
    KEY_PAIR_DESTROYED = "key_pair.destroyed"
    KEY_PAIR_UNREADABLE = "key_pair.unreadable"
    KEY_PAIR_MOMENT_PASSED = "key_pair.moment_passed"
    TRUST_EXPIRED = "trust.expired"
    TRUST_TOO_MANY = "trust.too_many"
    TRUST_NOT_A_SERVER = "trust.not_a_server"
    TRUST_OWN_KEY = "trust.own_key"
    TRUST_FINGERPRINT_INCOMPLETE = "trust.fingerprint_incomplete"
    TRUST_FINGERPRINT_DIFFERS = "trust.fingerprint_differs"
    WATCH_ADDRESS = "watch.address"
    REVOCATION_ISSUER_UNKNOWN = "revocation.issuer_unknown"


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


class RelayError(CertificateError):
    """Context: ``not_before`` or ``not_after`` (ISO 8601), where the period is what is wrong."""


class KeyPairError(CertificateError):
    pass


class WatchError(CertificateError):
    """Context of ``watch.address``: ``found``."""


class TrustError(CertificateError):
    """Context: ``subject``, and ``not_after`` (ISO 8601) when it has expired."""


class RevocationListError(CertificateError):
    pass
