"""Say what is wrong with a key, a certificate or a file that should hold them.

::

    PKIError                        code, context
    ├─ ParseError                   the bytes are not what they should be, or cannot be read here
    ├─ PasswordError                a password or passphrase is missing or wrong
    ├─ KeyMismatchError             the private key does not belong to the certificate
    ├─ WeakKeyError                 the key is too short, or on a curve that is not accepted
    ├─ SubjectError                 a field of a subject that no certificate can hold
    ├─ WeakPassphraseError          a person's own passphrase can be guessed
    ├─ CommonNameError              the certificate is for another account
    ├─ UsageError                   the certificate is not meant for logging in
    ├─ PathError                    the certificate cannot be trusted, or not now
    │  ├─ ExpiredError              a certificate of the path has expired
    │  ├─ NotYetValidError          a certificate of the path is not valid yet
    │  ├─ HostNameError             the server's certificate is for another host
    │  ├─ IncompletePathError       an issuer between leaf and trust anchor is missing
    │  └─ UntrustedError            the path ends in a root that is not a trust anchor
    ├─ RevocationError              a revocation list cannot be used
    │  ├─ StaleListError            its next issue is overdue
    │  └─ RevokedError              it can, and it names the certificate
    └─ HandshakeError               a server could not be brought to show its certificate

The code says exactly what happened and never changes its spelling: advice is looked up by it.
None of these errors passes by itself, so none of them is worth a retry, but HandshakeError.
"""

from enum import StrEnum


class ErrorCode(StrEnum):
    """Every code that an error of this package can carry."""

    PKCS12_NOT_PKCS12 = "pkcs12.not_pkcs12"
    PKCS12_WRONG_PASSWORD = "pkcs12.wrong_password"  # noqa: S105, a code and not a password
    PKCS12_UNSUPPORTED = "pkcs12.unsupported"
    PKCS12_TOO_COSTLY = "pkcs12.too_costly"
    PKCS12_NO_MAC = "pkcs12.no_mac"
    PKCS12_NO_KEY = "pkcs12.no_key"
    PKCS12_NO_CERTIFICATE = "pkcs12.no_certificate"
    KEY_UNREADABLE = "key.unreadable"
    KEY_UNSUPPORTED = "key.unsupported"
    KEY_SEVERAL = "key.several"
    KEY_TOO_COSTLY = "key.too_costly"
    KEY_TOO_LARGE = "key.too_large"
    KEY_PASSPHRASE_NEEDED = "key.passphrase_needed"  # noqa: S105, a code and not a password
    KEY_WRONG_PASSPHRASE = "key.wrong_passphrase"  # noqa: S105, a code and not a password
    KEY_MISMATCH = "key.mismatch"
    KEY_TOO_WEAK = "key.too_weak"
    KEY_KIND = "key.kind"
    REQUEST_UNREADABLE = "request.unreadable"
    REQUEST_SEVERAL = "request.several"
    REQUEST_SIGNATURE = "request.signature"
    SUBJECT_COUNTRY = "subject.country"
    SUBJECT_TOO_LONG = "subject.too_long"
    SUBJECT_COMMON_NAME_TOO_LONG = "subject.common_name_too_long"
    SUBJECT_CHARACTERS = "subject.characters"
    PASSPHRASE_CHARACTERS = "passphrase.characters"  # noqa: S105, a code and not a password
    PASSPHRASE_TOO_SHORT = "passphrase.too_short"  # noqa: S105, a code and not a password
    PASSPHRASE_TOO_WEAK = "passphrase.too_weak"  # noqa: S105, a code and not a password
    CERTIFICATE_UNREADABLE = "certificate.unreadable"
    CERTIFICATE_TOO_MANY = "certificate.too_many"
    CERTIFICATE_COMMON_NAME = "certificate.common_name"
    CERTIFICATE_NOT_FOR_CLIENTS = "certificate.not_for_clients"
    CERTIFICATE_IS_AUTHORITY = "certificate.is_authority"
    CERTIFICATE_EXPIRED = "certificate.expired"
    CERTIFICATE_NOT_YET_VALID = "certificate.not_yet_valid"
    PATH_INCOMPLETE = "path.incomplete"
    PATH_UNTRUSTED = "path.untrusted"
    PATH_HOST_NAME = "path.host_name"
    PATH_INVALID = "path.invalid"
    REVOCATION_UNREADABLE = "revocation.unreadable"
    REVOCATION_TOO_LARGE = "revocation.too_large"
    REVOCATION_UNSUPPORTED = "revocation.unsupported"
    REVOCATION_WRONG_ISSUER = "revocation.wrong_issuer"
    REVOCATION_BAD_SIGNATURE = "revocation.bad_signature"
    REVOCATION_ISSUER_MAY_NOT_SIGN = "revocation.issuer_may_not_sign"
    REVOCATION_NOT_YET_VALID = "revocation.not_yet_valid"
    REVOCATION_NO_NEXT_UPDATE = "revocation.no_next_update"
    REVOCATION_STALE = "revocation.stale"
    REVOCATION_OLDER = "revocation.older"
    REVOCATION_REVOKED = "revocation.revoked"
    LOOK_NAME_UNKNOWN = "look.name_unknown"
    LOOK_REFUSED = "look.refused"
    LOOK_UNREACHABLE = "look.unreachable"
    LOOK_TIMED_OUT = "look.timed_out"
    LOOK_LOST = "look.lost"
    LOOK_UNAVAILABLE = "look.unavailable"
    LOOK_PROXY_UNREACHABLE = "look.proxy_unreachable"
    LOOK_PROXY_REFUSED = "look.proxy_refused"
    LOOK_PROXY_PASSWORD = "look.proxy_password"  # noqa: S105, a code and not a password
    LOOK_NOT_FTP = "look.not_ftp"
    LOOK_NO_AUTH_TLS = "look.no_auth_tls"
    LOOK_NO_TLS = "look.no_tls"


ERROR_CODES: frozenset[str] = frozenset(code.value for code in ErrorCode)


class PKIError(Exception):
    """Something about a key, a certificate or their file.

    ``str()`` is one technical line without secrets. ``context`` holds the words that a sentence
    for a person may want to fill in, such as ``expected`` and ``found``.
    """

    def __init__(self, message: str, *, code: ErrorCode, **context: str) -> None:
        super().__init__(message)
        self.code = code
        self.context = context


class ParseError(PKIError):
    """The bytes are not what they should be, or use something that cannot be read here."""


class PasswordError(PKIError):
    """A password or passphrase is missing or wrong."""


class KeyMismatchError(PKIError):
    """The private key does not belong to the certificate."""


class WeakKeyError(PKIError):
    """The key is too short, or on a curve that is not accepted; context: ``found``."""


class SubjectError(PKIError):
    """A field of a subject cannot stand in a certificate; context: ``field``, its name.

    Also ``limit`` for what is too long, and ``found`` for a country or the common name.
    """


class WeakPassphraseError(PKIError):
    """A person's own passphrase is not taken for a file that holds a private key."""


class CommonNameError(PKIError):
    """The certificate bears another name than the account; context: ``expected``, ``found``."""


class UsageError(PKIError):
    """The certificate is not meant for logging in as a client."""


class PathError(PKIError):
    """The certificate cannot be trusted, or not at the time asked for."""


class ExpiredError(PathError):
    """A certificate has expired; context: ``subject``, ``not_after`` (ISO 8601)."""


class NotYetValidError(PathError):
    """A certificate is not valid yet; context: ``subject``, ``not_before`` (ISO 8601)."""


class HostNameError(PathError):
    """The server's certificate is for another host; context: ``expected``, ``found``."""


class IncompletePathError(PathError):
    """An issuer is missing; context: ``missing``, its subject as RFC 4514 writes it."""


class UntrustedError(PathError):
    """The path ends in a root that is not a trust anchor; context: ``root``, its subject."""


class RevocationError(PKIError):
    """A revocation list can't be used.

    Context of ``revocation.unsupported``: ``feature``, a ListFeature, and ``oid``, that of an
    unknown extension.
    """


class StaleListError(RevocationError):
    """The next list is overdue; context: ``issuer``, ``next_update`` (ISO 8601)."""


class RevokedError(RevocationError):
    """A list names the certificate; context: ``subject``, ``revoked_at`` (ISO 8601)."""


class HandshakeError(PKIError):
    """A server did not show its certificate: not reached, not FTP, not TLS, or not in time."""
