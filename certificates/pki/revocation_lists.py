"""Read revocation lists (CRLs) and judge whether they may be believed (RFC 5280, 5 and 6.3).

Only complete lists of the issuer itself are taken. What says less than it seems to say, such as a
delta list or one for some reasons only, is refused with the reason.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from certificates.pki.errors import ErrorCode, ParseError, RevocationError, StaleListError
from certificates.pki.names import distinguished_name

LARGEST_LIST: Final = 20 * 1024**2
"""Octets; half a million revoked certificates fit."""
CLOCK_SKEW: Final = timedelta(minutes=5)
"""How far the clock of an authority may be ahead of ours."""

_PEM_BLOCK = re.compile(rb"-----BEGIN X509 CRL-----([^-]*)-----END X509 CRL-----")
_PEM_SIGN = b"-----BEGIN"
# What cryptography raises for a list that is broken, or uses what it does not know.
_BROKEN = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
_MOST_ADDRESSES = 8
# RFC 5280, 5.2.3: a list's number has at most 20 octets.
_NUMBERS = 2 ** (8 * 20)


class ListFeature(StrEnum):
    """What a list may hold that is not taken here (RFC 5280, 5.2)."""

    DELTA = "delta"
    """Changes since an earlier list."""
    INDIRECT = "indirect"
    """Certificates of other issuers."""
    SOME_REASONS = "some_reasons"
    ATTRIBUTE_CERTIFICATES = "attribute_certificates"
    UNKNOWN_EXTENSION = "unknown_extension"
    """A critical extension that is not known here; the error's context has its ``oid``."""


def load_revocation_list(data: bytes) -> x509.CertificateRevocationList:
    """Read a list, PEM or DER, whole: what is returned raises nothing when it is used.

    Whether it may be believed says check_revocation_list. Raises ParseError, or RevocationError
    for a list of a kind that is not taken here.
    """
    if len(data) > LARGEST_LIST:
        raise ParseError(
            f"the revocation list has over {LARGEST_LIST} octets",
            code=ErrorCode.REVOCATION_TOO_LARGE,
        )
    try:
        revocation_list = x509.load_der_x509_crl(_der(data))
        features = list(_unsupported(revocation_list))
    except _BROKEN as exc:
        raise ParseError(
            f"no readable revocation list: {exc}", code=ErrorCode.REVOCATION_UNREADABLE
        ) from exc
    if features:
        feature, oid = features[0]
        raise RevocationError(
            f"the revocation list uses {feature} {oid}".rstrip(),
            code=ErrorCode.REVOCATION_UNSUPPORTED,
            feature=feature,
            oid=oid,
        )
    return revocation_list


def check_revocation_list(
    revocation_list: x509.CertificateRevocationList, *, issuer: x509.Certificate, at: datetime
) -> None:
    """Raise why a list of this issuer may not be believed at this (aware) time.

    Raises RevocationError, or StaleListError once its nextUpdate has passed.
    """
    _check_issuer(revocation_list, issuer)
    this_update = revocation_list.last_update_utc
    if this_update > at + CLOCK_SKEW:
        raise RevocationError(
            f"the list is of {this_update.isoformat()}, which is still to come",
            code=ErrorCode.REVOCATION_NOT_YET_VALID,
        )
    next_update = revocation_list.next_update_utc
    if next_update is None:
        # RFC 5280, 5.1.2.5 asks for it: without it nobody could say when the list is too old.
        raise RevocationError(
            "the list does not say when the next one comes",
            code=ErrorCode.REVOCATION_NO_NEXT_UPDATE,
        )
    if next_update < at:
        raise StaleListError(
            f"the next list was due on {next_update.isoformat()}",
            code=ErrorCode.REVOCATION_STALE,
            issuer=distinguished_name(revocation_list.issuer),
            next_update=next_update.isoformat(),
        )


def distribution_points(certificate: x509.Certificate) -> tuple[str, ...]:
    """Return the http and https addresses at which the issuer's list lies (RFC 5280, 4.2.1.13).

    Points of another issuer (indirect lists) and for some reasons only are left out, and so is
    what comes after the eighth address.
    """
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except (x509.ExtensionNotFound, *_BROKEN):
        return ()
    names = [
        name.value
        for point in points
        if point.crl_issuer is None and point.reasons is None
        for name in point.full_name or ()
        if isinstance(name, x509.UniformResourceIdentifier)
    ]
    return tuple(dict.fromkeys(name for name in names if _is_web_address(name)))[:_MOST_ADDRESSES]


def list_number(revocation_list: x509.CertificateRevocationList) -> int | None:
    """Return the number of a list that load_revocation_list has read (RFC 5280, 5.2.3)."""
    try:
        return revocation_list.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    except x509.ExtensionNotFound:
        return None


def list_scope(revocation_list: x509.CertificateRevocationList) -> bytes:
    """Return what part of an issuer's certificates a list is about, to be compared; b"" is all.

    It is the DER form of issuingDistributionPoint (RFC 5280, 5.2.5).
    """
    point = _issuing_point(revocation_list)
    return b"" if point is None else point.public_bytes()


def _der(data: bytes) -> bytes:
    if _PEM_SIGN not in data[:4096]:
        return data
    blocks = _PEM_BLOCK.findall(data)
    if len(blocks) != 1:
        raise ValueError(f"{len(blocks)} lists in one PEM file")
    try:
        return base64.b64decode(blocks[0])
    except binascii.Error as exc:
        raise ValueError("a PEM block is not base64") from exc


def _unsupported(
    revocation_list: x509.CertificateRevocationList,
) -> Iterator[tuple[ListFeature, str]]:
    """Yield what in the list is not taken here, reading every part on the way.

    With it comes the OID of an unknown extension, else nothing.
    """
    _ = distinguished_name(revocation_list.issuer), revocation_list.signature_algorithm_oid
    _ = revocation_list.last_update_utc, revocation_list.next_update_utc
    for extension in revocation_list.extensions:
        if isinstance(extension.value, x509.DeltaCRLIndicator):
            yield ListFeature.DELTA, ""
        elif isinstance(extension.value, x509.IssuingDistributionPoint):
            yield from _limits(extension.value)
        elif isinstance(extension.value, x509.CRLNumber):
            if not 0 <= extension.value.crl_number < _NUMBERS:
                raise ValueError("the number of the list is negative or endless")
        elif extension.critical and isinstance(extension.value, x509.UnrecognizedExtension):
            yield ListFeature.UNKNOWN_EXTENSION, extension.oid.dotted_string
    for entry in revocation_list:
        _ = entry.serial_number, entry.revocation_date_utc
        for extension in entry.extensions:
            if isinstance(extension.value, x509.CertificateIssuer):
                yield ListFeature.INDIRECT, ""
            elif extension.critical and isinstance(extension.value, x509.UnrecognizedExtension):
                yield ListFeature.UNKNOWN_EXTENSION, extension.oid.dotted_string


def _limits(point: x509.IssuingDistributionPoint) -> Iterator[tuple[ListFeature, str]]:
    if point.indirect_crl:
        yield ListFeature.INDIRECT, ""
    if point.only_some_reasons is not None:
        yield ListFeature.SOME_REASONS, ""
    if point.only_contains_attribute_certs:
        yield ListFeature.ATTRIBUTE_CERTIFICATES, ""


def _check_issuer(
    revocation_list: x509.CertificateRevocationList, issuer: x509.Certificate
) -> None:
    if revocation_list.issuer != issuer.subject:
        raise RevocationError(
            f"the list is of {distinguished_name(revocation_list.issuer)}, "
            f"not of {distinguished_name(issuer.subject)}",
            code=ErrorCode.REVOCATION_WRONG_ISSUER,
        )
    if not is_signed_by(revocation_list, issuer):
        raise RevocationError(
            "the signature of the list does not fit the issuer's key",
            code=ErrorCode.REVOCATION_BAD_SIGNATURE,
        )
    if not may_sign_lists(issuer):
        raise RevocationError(
            "the issuer's key may not sign lists (cRLSign)",
            code=ErrorCode.REVOCATION_ISSUER_MAY_NOT_SIGN,
        )


def is_signed_by(revocation_list: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    """Say whether the issuer's key signed the list; its name and rights are not looked at."""
    try:
        # The stub names the kinds of key that can sign; for another one it raises TypeError.
        return revocation_list.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
    except _BROKEN:
        return False


def is_named_by(
    revocation_list: x509.CertificateRevocationList, certificate: x509.Certificate
) -> bool:
    """Say whether a certificate's serial number is in a list, which may be another issuer's.

    With 100,000 entries that takes milliseconds: the list is searched, and nothing built from it.
    """
    serial = certificate.serial_number
    return revocation_list.get_revoked_certificate_by_serial_number(serial) is not None


def may_sign_lists(issuer: x509.Certificate) -> bool:
    """Say whether a certificate lets its key sign lists (cRLSign).

    Without the extension the key may sign anything (RFC 5280, 4.2.1.3).
    """
    try:
        return issuer.extensions.get_extension_for_class(x509.KeyUsage).value.crl_sign
    except x509.ExtensionNotFound:
        return True


def _issuing_point(
    revocation_list: x509.CertificateRevocationList,
) -> x509.IssuingDistributionPoint | None:
    try:
        extension = revocation_list.extensions.get_extension_for_class(
            x509.IssuingDistributionPoint
        )
    except x509.ExtensionNotFound:
        return None
    return extension.value


def _is_web_address(name: str) -> bool:
    try:
        return urlsplit(name).scheme in {"http", "https"}
    except ValueError:
        return False
