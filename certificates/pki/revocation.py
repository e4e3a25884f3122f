"""Tell whether a certificate is revoked, by OpenSSL's own check of revocation lists.

Four answers are kept apart: good, revoked, not checked (no list speaks of the certificate) and
list too old. Each certificate is asked about on its own, below its own issuer, since a check of a
whole path stops at the first list that is missing and then says nothing of what lies above.
cryptography reads some certificates and lists that OpenSSL can't: those are as good as absent.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import Final

from cryptography import x509
from OpenSSL.crypto import (
    X509,
    Error,
    X509Store,
    X509StoreContext,
    X509StoreContextError,
    X509StoreFlags,
)

from certificates.pki.certificates import is_authority, is_issued_by, order_chain
from certificates.pki.errors import ErrorCode, RevokedError
from certificates.pki.revocation_lists import CLOCK_SKEW, is_signed_by

# X509_V_ERR_CRL_HAS_EXPIRED and X509_V_ERR_CERT_REVOKED (openssl/x509_vfy.h).
_LIST_HAS_EXPIRED: Final = 12
_CERTIFICATE_REVOKED: Final = 23
# X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED: found after the lists were asked.
_OUT_OF_PERIOD: Final = frozenset({9, 10})


_Kind = tuple[bool, bytes]


class RevocationStatus(StrEnum):
    """What the lists say; the names are those that the portal stores."""

    GOOD = "GOOD"
    REVOKED = "REVOKED"
    UNCHECKED = "UNCHECKED"
    STALE = "STALE"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The status of one certificate; ``revoked_at`` (UTC) only with REVOKED."""

    status: RevocationStatus
    revoked_at: datetime | None = None


UNCHECKED: Final = Verdict(RevocationStatus.UNCHECKED)


class IssuerLists:
    """The lists of one issuer, opened once to be asked about several of its certificates."""

    def __init__(
        self,
        issuer: x509.Certificate,
        lists: Iterable[x509.CertificateRevocationList],
        *,
        at: datetime,
    ) -> None:
        """Take those of the lists that the issuer signed; check_revocation_list accepted them.

        The (aware) time decides which are too old.
        """
        # OpenSSL picks one list by name and age and looks at the signature afterwards, so that
        # somebody else's list under the same name would hide the right one.
        signed = [one for one in lists if is_signed_by(one, issuer)]
        self._store = X509Store()
        self._store.set_time(_moment(signed, at))
        self._store.set_flags(
            X509StoreFlags.CRL_CHECK
            | X509StoreFlags.PARTIAL_CHAIN
            # Whether the certificate itself breaks a rule is for the path's verification to say.
            | X509StoreFlags.IGNORE_CRITICAL
        )
        with suppress(Error):
            self._store.add_cert(X509.from_cryptography(issuer))
        self._issuer = issuer
        self._lists = [one for one in signed if self._can_add(one)]
        self._on_unnamed: dict[_Kind, Verdict] = {}

    def verdict_on(self, certificate: x509.Certificate) -> Verdict:
        """Say what the newest list that covers a certificate of this issuer says of it.

        Of a fresh list and one that is too old, the fresh one counts. A certificate on hold is
        revoked; one that a list names as removed from it is not.
        """
        if not self._lists:
            return UNCHECKED
        try:
            context = X509StoreContext(self._store, X509.from_cryptography(certificate))
            context.verify_certificate()
        except X509StoreContextError as exc:
            return self._verdict(exc.errors[0], certificate)
        except Error:
            return UNCHECKED
        return Verdict(RevocationStatus.GOOD)

    def verdict_on_one_of_many(self, certificate: x509.Certificate) -> Verdict:
        """Say the same as verdict_on, much sooner when thousands are asked about.

        OpenSSL verifies the list's signature anew for each certificate, which takes milliseconds
        for a long list. Of certificates that no list names all of one kind have the same verdict.
        """
        if not is_issued_by(certificate, self._issuer):
            return UNCHECKED
        if certificate.serial_number in self._named:
            return self.verdict_on(certificate)
        kind = _kind_of(certificate)
        verdict = self._on_unnamed.get(kind) or self.verdict_on(certificate)
        if verdict != UNCHECKED:
            # What OpenSSL can't check may be odd in itself, and says nothing of the others.
            self._on_unnamed[kind] = verdict
        return verdict

    @cached_property
    def _named(self) -> frozenset[int]:
        return frozenset(entry.serial_number for one in self._lists for entry in one)

    def _can_add(self, one: x509.CertificateRevocationList) -> bool:
        try:
            self._store.add_crl(one)
        except Error:
            return False
        return True

    def _verdict(self, error: int, certificate: x509.Certificate) -> Verdict:
        if error == _CERTIFICATE_REVOKED:
            return Verdict(RevocationStatus.REVOKED, self._revoked_at(certificate))
        if error == _LIST_HAS_EXPIRED:
            return Verdict(RevocationStatus.STALE)
        if error in _OUT_OF_PERIOD:
            return Verdict(RevocationStatus.GOOD)
        return UNCHECKED

    def _revoked_at(self, certificate: x509.Certificate) -> datetime | None:
        """Return the date in the newest list that names the certificate."""
        newest_first = sorted(self._lists, key=lambda one: one.last_update_utc, reverse=True)
        entries = (
            one.get_revoked_certificate_by_serial_number(certificate.serial_number)
            for one in newest_first
        )
        return next((entry.revocation_date_utc for entry in entries if entry is not None), None)


def revocation_of(
    certificate: x509.Certificate,
    *,
    issuer: x509.Certificate,
    lists: Iterable[x509.CertificateRevocationList],
    at: datetime,
) -> Verdict:
    """Say what these lists say of one certificate at this (aware) time."""
    return IssuerLists(issuer, lists, at=at).verdict_on(certificate)


def verify_not_revoked(
    chain: Sequence[x509.Certificate],
    *,
    anchors: Sequence[x509.Certificate],
    lists: Sequence[x509.CertificateRevocationList],
    at: datetime,
) -> tuple[Verdict, ...]:
    """Raise RevokedError when a list names the leaf of a chain or an issuer above it.

    Returns the verdict on every certificate of the path whose issuer is known, the leaf's first.
    The path itself is not verified; issuers are taken from the chain and the anchors.
    """
    path = issuing_path(chain, anchors)
    return tuple(_not_revoked(one, issuer, lists, at=at) for one, issuer in pairwise(path))


def issuing_path(
    chain: Sequence[x509.Certificate], anchors: Sequence[x509.Certificate]
) -> list[x509.Certificate]:
    """Return the leaf (the first of the chain) and its issuers, as far as they are known."""
    leaf, *others = chain
    return [leaf, *order_chain(leaf, [*others, *anchors])]


def _not_revoked(
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    lists: Sequence[x509.CertificateRevocationList],
    *,
    at: datetime,
) -> Verdict:
    own = [one for one in lists if one.issuer == issuer.subject]
    verdict = revocation_of(certificate, issuer=issuer, lists=own, at=at)
    if verdict.status is RevocationStatus.REVOKED:
        subject = certificate.subject.rfc4514_string()
        revoked_at = verdict.revoked_at.isoformat() if verdict.revoked_at else ""
        raise RevokedError(
            f"{subject} was revoked on {revoked_at}",
            code=ErrorCode.REVOCATION_REVOKED,
            subject=subject,
            revoked_at=revoked_at,
        )
    return verdict


def _kind_of(certificate: x509.Certificate) -> _Kind:
    """Return what decides which of an issuer's lists covers a certificate (RFC 5280, 6.3.3)."""
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints)
    except x509.ExtensionNotFound:
        return (is_authority(certificate), b"")
    return (is_authority(certificate), points.value.public_bytes())


def _moment(lists: Iterable[x509.CertificateRevocationList], at: datetime) -> datetime:
    """Return the time for OpenSSL: ours, or that of a list whose authority's clock is ahead."""
    ahead = [one.last_update_utc for one in lists if at < one.last_update_utc <= at + CLOCK_SKEW]
    # pyOpenSSL reads the fields of the time as if they were UTC.
    return max([at.astimezone(UTC), *ahead])
