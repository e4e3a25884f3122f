"""Judge whether one can log in with a certificate: its name, its use, its key, its period."""

from datetime import datetime

from cryptography import x509

from certificates.pki.certificates import allows_client_auth, is_authority, is_self_signed
from certificates.pki.errors import (
    CommonNameError,
    ErrorCode,
    ExpiredError,
    KeyMismatchError,
    NotYetValidError,
    UsageError,
)
from certificates.pki.key_files import load_private_key
from certificates.pki.keys import KeyBundle, check_key_strength, same_key
from certificates.pki.names import common_name, distinguished_name


def check_client_certificate(bundle: KeyBundle, *, common_name: str, at: datetime) -> None:
    """Raise the first reason why one cannot log in as this account at this (aware) time.

    Raises KeyMismatchError, WeakKeyError, CommonNameError, UsageError, ExpiredError or
    NotYetValidError. Whether the issuer is trusted is not looked at here.
    """
    certificate = bundle.certificate
    if not same_key(certificate, load_private_key(bundle.private_key_pem, passphrase=None)):
        raise KeyMismatchError(
            "the private key does not belong to the certificate", code=ErrorCode.KEY_MISMATCH
        )
    check_key_strength(certificate.public_key())
    check_common_name(certificate, common_name)
    check_usage(certificate)
    check_validity(certificate, at)


def check_common_name(certificate: x509.Certificate, expected: str) -> None:
    """Raise CommonNameError unless the common name is exactly this one.

    The server takes the common name as the user name, so upper and lower case differ.
    """
    found = common_name(certificate)
    if found != expected:
        raise CommonNameError(
            f"the certificate is for {found!r}, the account is {expected!r}",
            code=ErrorCode.CERTIFICATE_COMMON_NAME,
            expected=expected,
            found=found,
        )


def check_usage(certificate: x509.Certificate) -> None:
    """Raise UsageError for a certificate that servers refuse, or an authority's own one.

    A self-signed certificate may call itself an authority, as OpenSSL makes them by default.
    """
    if is_authority(certificate) and not is_self_signed(certificate):
        raise UsageError(
            "the certificate belongs to a certificate authority",
            code=ErrorCode.CERTIFICATE_IS_AUTHORITY,
        )
    if not allows_client_auth(certificate):
        raise UsageError(
            "the certificate does not allow client authentication",
            code=ErrorCode.CERTIFICATE_NOT_FOR_CLIENTS,
        )


def check_validity(certificate: x509.Certificate, at: datetime) -> None:
    """Raise NotYetValidError or ExpiredError unless the (aware) time is in the period."""
    subject = distinguished_name(certificate.subject)
    if at < certificate.not_valid_before_utc:
        not_before = certificate.not_valid_before_utc.isoformat()
        raise NotYetValidError(
            f"{subject} is not valid before {not_before}",
            code=ErrorCode.CERTIFICATE_NOT_YET_VALID,
            subject=subject,
            not_before=not_before,
        )
    if at > certificate.not_valid_after_utc:
        not_after = certificate.not_valid_after_utc.isoformat()
        raise ExpiredError(
            f"{subject} expired on {not_after}",
            code=ErrorCode.CERTIFICATE_EXPIRED,
            subject=subject,
            not_after=not_after,
        )
