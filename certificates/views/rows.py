"""What the page of an identity shows of its certificates and keys, a line each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from certificates.models import (
    Certificate,
    ClientIdentity,
    KeyPair,
    LoginTest,
    RevocationState,
)
from certificates.queries.validity import Validity, revocation_of, validity_of


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """A certificate with its place in the relay and its latest test login."""

    certificate: Certificate
    use: Validity
    validity: Validity
    revocation: Validity
    test: LoginTest | None
    is_to_begin: bool
    """Its period lies ahead, so that every server refuses it until then."""

    @property
    def has_key(self) -> bool:
        return self.certificate.key_pair.destroyed_at is None


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key pair with its certificates, and what it is kept for."""

    key_pair: KeyPair
    certificates: list[Certificate]
    state: Validity
    since: datetime | None
    """When it was destroyed, or will be."""
    may_go: bool
    """Nothing in the relay needs it, so that it may be destroyed."""
    is_left_over: bool
    """Another certificate is in use, which has logged in: else this one would be fallen back on."""


def certificate_rows(
    identity: ClientIdentity,
    certificates: Iterable[Certificate],
    tests: Iterable[LoginTest],
    *,
    now: datetime,
) -> list[CertificateRow]:
    """Return a line for each certificate; ``tests`` come newest first."""
    latest: dict[int, LoginTest] = {}
    for test in tests:
        latest.setdefault(test.certificate_id, test)
    return [
        CertificateRow(
            certificate,
            use_of(certificate, identity),
            _validity_of(certificate, identity, now),
            revocation_of(certificate),
            latest.get(certificate.pk),
            certificate.not_before > now,
        )
        for certificate in certificates
    ]


def key_rows(identity: ClientIdentity, key_pairs: Iterable[KeyPair]) -> list[KeyRow]:
    """Return a line for each key pair; certificates and requests are best prefetched."""
    return [_key_row(key_pair, identity) for key_pair in key_pairs]


def _key_row(key_pair: KeyPair, identity: ClientIdentity) -> KeyRow:
    certificates = list(key_pair.certificates.all())
    is_needed = any(one.pk in _relay_of(identity) for one in certificates)
    is_kept = key_pair.destroyed_at is None
    has_successor = identity.current_id is not None and bool(certificates)
    is_awaiting = _awaits_certificate(key_pair, certificates)
    is_left_over = is_kept and not is_needed and has_successor and not is_awaiting
    return KeyRow(
        key_pair=key_pair,
        certificates=certificates,
        state=_state_of(key_pair, certificates, is_needed=is_needed, is_left_over=is_left_over),
        since=key_pair.destroyed_at or (None if is_needed else key_pair.destroy_at),
        may_go=is_kept and not is_needed,
        is_left_over=is_left_over and key_pair.destroy_at is None,
    )


def _state_of(
    key_pair: KeyPair, certificates: list[Certificate], *, is_needed: bool, is_left_over: bool
) -> Validity:
    if key_pair.destroyed_at is not None:
        return Validity("neutral", _("destroyed"))
    if is_needed:
        return Validity("good", _("needed"))
    if key_pair.destroy_at is not None:
        return Validity("attention", _("to be destroyed"))
    if _awaits_certificate(key_pair, certificates):
        return Validity("waiting", _("waiting for its certificate"))
    return Validity("neutral", _("no longer needed") if is_left_over else _("kept"))


def _awaits_certificate(key_pair: KeyPair, certificates: list[Certificate]) -> bool:
    """Say whether a request with the key is younger than its last certificate."""
    latest = max((one.imported_at for one in certificates), default=None)
    requests = key_pair.certificate_requests.all()
    return any(latest is None or made.created_at > latest for made in requests)


def _relay_of(identity: ClientIdentity) -> set[int | None]:
    return {identity.current_id, identity.next_id, identity.previous_id} - {None}


def _validity_of(certificate: Certificate, identity: ClientIdentity, now: datetime) -> Validity:
    """Say how a certificate stands; the end of one that has no place is nobody's worry."""
    validity = validity_of(certificate, now)
    if certificate.pk in _relay_of(identity) or certificate.revocation == RevocationState.REVOKED:
        return validity
    return Validity("neutral", validity.words)


def use_of(certificate: Certificate, identity: ClientIdentity) -> Validity:
    """Say which place a certificate has."""
    if certificate.pk == identity.current_id:
        return Validity("good", _("in use"))
    if certificate.pk == identity.next_id:
        return Validity("waiting", _("next"))
    if certificate.pk == identity.previous_id:
        return Validity("busy", _("to fall back on"))
    return Validity("neutral", _("not in use"))
