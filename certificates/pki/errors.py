"""Say what is wrong with a key, a certificate or a file that should hold them.

::

    PKIError                        code, context
    ├─ ParseError                   the bytes are not what they should be, or cannot be read here
    ├─ PasswordError                a password or passphrase is missing or wrong
    ├─ KeyMismatchError             the private key does not belong to the certificate
    ├─ WeakKeyError                 the key is too short, or on a curve that is not accepted
    ├─ CommonNameError              the certificate is for another account
    ├─ UsageError                   the certificate is not meant for logging in
    └─ PathError                    the certificate cannot be trusted, or not now
       ├─ ExpiredError              a certificate of the path has expired
       ├─ NotYetValidError          a certificate of the path is not valid yet
       ├─ HostNameError             the server's certificate is for another host
       ├─ IncompletePathError       an issuer between leaf and trust anchor is missing
       └─ UntrustedError            the path ends in a root that is not a trust anchor

The code says exactly what happened and never changes its spelling: advice is looked up by it.
None of these errors passes by itself, so none of them is worth a retry.
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
    KEY_PASSPHRASE_NEEDED = "key.passphrase_needed"  # noqa: S105, a code and not a password
    KEY_WRONG_PASSPHRASE = "key.wrong_passphrase"  # noqa: S105, a code and not a password
    KEY_MISMATCH = "key.mismatch"
    KEY_TOO_WEAK = "key.too_weak"
    CERTIFICATE_UNREADABLE = "certificate.unreadable"
    CERTIFICATE_COMMON_NAME = "certificate.common_name"
    CERTIFICATE_NOT_FOR_CLIENTS = "certificate.not_for_clients"
    CERTIFICATE_IS_AUTHORITY = "certificate.is_authority"
    CERTIFICATE_EXPIRED = "certificate.expired"
    CERTIFICATE_NOT_YET_VALID = "certificate.not_yet_valid"
    PATH_INCOMPLETE = "path.incomplete"
    PATH_UNTRUSTED = "path.untrusted"
    PATH_HOST_NAME = "path.host_name"
    PATH_INVALID = "path.invalid"


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
