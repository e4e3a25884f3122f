"""Tell whether a certificate is revoked, by OpenSSL's own check of revocation lists.

Four answers are kept apart: good, revoked, not checked (no list speaks of the certificate) and
list too old. Each certificate is asked about on its own, below its own issuer, since a check of a
whole path stops at the first list that is missing and then says nothing of what lies above.
cryptography reads some certificates and lists that OpenSSL can't: those are as good as absent.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property
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

from certificates.pki.certificates import is_authority, is_issued_by, is_self_signed
from certificates.pki.errors import ErrorCode, RevokedError
from certificates.pki.names import distinguished_name
from certificates.pki.revocation_lists import (
    CLOCK_SKEW,
    is_named_by,
    is_signed_by,
    list_number,
    list_scope,
)

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
    """The status of one certificate; ``revoked_at`` (UTC) only with REVOKED.

    ``issued_at`` (UTC) is the thisUpdate of the list that says so, None with UNCHECKED.
    """

    status: RevocationStatus
    revoked_at: datetime | None = None
    issued_at: datetime | None = field(default=None, compare=False)


UNCHECKED: Final = Verdict(RevocationStatus.UNCHECKED)


class _OpenedList:
    """One list in a store of OpenSSL's, below its issuer; a long one takes much memory there."""

    def __init__(
        self,
        issuer: x509.Certificate,
        revocation_list: x509.CertificateRevocationList,
        *,
        at: datetime,
    ) -> None:
        self._list = revocation_list
        self._store = X509Store()
        self._store.set_time(_moment(revocation_list, at))
        self._store.set_flags(
            X509StoreFlags.CRL_CHECK
            | X509StoreFlags.PARTIAL_CHAIN
            # Whether the certificate itself breaks a rule is for the path's verification to say.
            | X509StoreFlags.IGNORE_CRITICAL
        )
        with suppress(Error):
            self._store.add_cert(X509.from_cryptography(issuer))
            self._store.add_crl(revocation_list)

    def verdict_on(self, certificate: x509.Certificate) -> Verdict:
        """Say what the list says; UNCHECKED when it does not cover the certificate."""
        issued_at = self._list.last_update_utc
        try:
            context = X509StoreContext(self._store, X509.from_cryptography(certificate))
            context.verify_certificate()
        except X509StoreContextError as exc:
            return self._verdict(exc.errors[0], certificate)
        except Error:
            return UNCHECKED
        return Verdict(RevocationStatus.GOOD, issued_at=issued_at)

    def _verdict(self, error: int, certificate: x509.Certificate) -> Verdict:
        issued_at = self._list.last_update_utc
        if error == _CERTIFICATE_REVOKED:
            entry = self._list.get_revoked_certificate_by_serial_number(certificate.serial_number)
            revoked_at = entry.revocation_date_utc if entry is not None else None
            return Verdict(RevocationStatus.REVOKED, revoked_at, issued_at)
        if error == _LIST_HAS_EXPIRED:
            return Verdict(RevocationStatus.STALE, issued_at=issued_at)
        if error in _OUT_OF_PERIOD:
            return Verdict(RevocationStatus.GOOD, issued_at=issued_at)
        return UNCHECKED


class IssuerLists:
    """The lists of one issuer, to be asked about several of its certificates."""

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
        self._issuer = issuer
        self._given = list(lists)
        self._at = at
        self._on_unnamed: dict[_Kind, Verdict] = {}

    def verdict_on(self, certificate: x509.Certificate) -> Verdict:
        """Say what the newest list that covers a certificate of this issuer says of it.

        An older list never speaks up for one that is too old by now: whoever keeps the newest from
        coming could so take a revocation back. A certificate on hold is revoked; one that a list
        names as removed from it is not.
        """
        verdicts = (opened.verdict_on(certificate) for opened in self._opened)
        return next((one for one in verdicts if one != UNCHECKED), UNCHECKED)

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

    def revocation_when_last_fresh(self, certificate: x509.Certificate) -> Verdict | None:
        """Return how the newest list that covers a certificate revokes it; None if it does not.

        That the list has become too old meanwhile takes nothing back. Only the lists that name
        the certificate are opened, so that for nearly every one it takes milliseconds.
        """
        if not any(is_named_by(one, certificate) for one in self._given):
            return None
        for one in self._lists:
            opened = _OpenedList(self._issuer, one, at=_last_fresh(one, self._at))
            verdict = opened.verdict_on(certificate)
            if verdict != UNCHECKED:
                return verdict if verdict.status is RevocationStatus.REVOKED else None
        return None

    @cached_property
    def _lists(self) -> list[x509.CertificateRevocationList]:
        return _newest_of_each_scope(one for one in self._given if is_signed_by(one, self._issuer))

    @cached_property
    def _opened(self) -> list[_OpenedList]:
        return [_OpenedList(self._issuer, one, at=self._at) for one in self._lists]

    @cached_property
    def _named(self) -> frozenset[int]:
        return frozenset(entry.serial_number for one in self._lists for entry in one)


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
) -> None:
    """Raise RevokedError when a list names the leaf of a chain or an issuer above it.

    A list that is too old at this (aware) time counts as it did when it was fresh. The path itself
    is not verified; issuers are taken from the chain and the anchors.
    """
    for certificate, issuer in issuances(chain, anchors):
        refuse_revoked(certificate, issuer=issuer, lists=lists, at=at)


def issuances(
    chain: Sequence[x509.Certificate], anchors: Sequence[x509.Certificate]
) -> list[tuple[x509.Certificate, x509.Certificate]]:
    """Return every certificate above the leaf (the first of the chain) that is known, by twos.

    Each two are a certificate and one of its issuers. All of several issuers are returned: anybody
    can make a certificate with an authority's name and public key, which is right about whom that
    key issued, and wrong about who may revoke.
    """
    pool = list(dict.fromkeys([*anchors, *chain]))
    found: list[tuple[x509.Certificate, x509.Certificate]] = []
    seen, waiting = {chain[0]}, [chain[0]]
    while waiting:
        certificate = waiting.pop()
        if is_self_signed(certificate):
            continue
        for issuer in [one for one in pool if is_issued_by(certificate, one)]:
            found.append((certificate, issuer))
            if issuer not in seen:
                seen.add(issuer)
                waiting.append(issuer)
    return found


def refuse_revoked(
    certificate: x509.Certificate,
    *,
    issuer: x509.Certificate,
    lists: Iterable[x509.CertificateRevocationList],
    at: datetime,
) -> None:
    """Raise RevokedError when one of these lists that is the issuer's revokes the certificate."""
    own = [one for one in lists if one.issuer == issuer.subject]
    verdict = IssuerLists(issuer, own, at=at).revocation_when_last_fresh(certificate)
    if verdict is not None:
        raise revoked_error(certificate, verdict)


def revoked_error(certificate: x509.Certificate, verdict: Verdict) -> RevokedError:
    """Say of a revoked certificate which it is, and since when."""
    subject = distinguished_name(certificate.subject)
    revoked_at = verdict.revoked_at.isoformat() if verdict.revoked_at else ""
    return RevokedError(
        f"{subject} was revoked on {revoked_at}",
        code=ErrorCode.REVOCATION_REVOKED,
        subject=subject,
        revoked_at=revoked_at,
    )


def _newest_of_each_scope(
    lists: Iterable[x509.CertificateRevocationList],
) -> list[x509.CertificateRevocationList]:
    """Leave out the lists that a later one took the place of, and put the newest first."""
    newest_last = sorted(lists, key=lambda one: (one.last_update_utc, list_number(one) or 0))
    by_scope = {list_scope(one): one for one in newest_last}
    return sorted(by_scope.values(), key=lambda one: one.last_update_utc, reverse=True)


def _kind_of(certificate: x509.Certificate) -> _Kind:
    """Return what decides which of an issuer's lists covers a certificate (RFC 5280, 6.3.3)."""
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints)
    except x509.ExtensionNotFound:
        return (is_authority(certificate), b"")
    return (is_authority(certificate), points.value.public_bytes())


def _moment(revocation_list: x509.CertificateRevocationList, at: datetime) -> datetime:
    """Return the time for OpenSSL: ours, or that of a list whose authority's clock is ahead."""
    issued_at = revocation_list.last_update_utc
    # pyOpenSSL reads the fields of the time as if they were UTC.
    return issued_at if at < issued_at <= at + CLOCK_SKEW else at.astimezone(UTC)


def _last_fresh(revocation_list: x509.CertificateRevocationList, at: datetime) -> datetime:
    """Return the last moment until now at which the list was not too old."""
    end = revocation_list.next_update_utc
    return at if end is None else min(at, end - timedelta(seconds=1))
