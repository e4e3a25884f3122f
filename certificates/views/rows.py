"""What the page of an identity shows of its certificates and keys, a line each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from certificates.models import Certificate, ClientIdentity, KeyPair, LoginTest
from certificates.views.validity import Validity, revocation_of, validity_of


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """A certificate with its place in the relay and its latest test login."""

    certificate: Certificate
    use: Validity
    validity: Validity
    revocation: Validity
    test: LoginTest | None

    @property
    def has_key(self) -> bool:
        return self.certificate.key_pair.destroyed_at is None


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key pair, and whether the relay still needs it."""

    key_pair: KeyPair
    is_in_use: bool


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
            validity_of(certificate, now),
            revocation_of(certificate),
            latest.get(certificate.pk),
        )
        for certificate in certificates
    ]


def key_rows(identity: ClientIdentity, key_pairs: Iterable[KeyPair]) -> list[KeyRow]:
    """Return a line for each key pair."""
    places = (identity.current, identity.next, identity.previous)
    needed = {certificate.key_pair_id for certificate in places if certificate is not None}
    return [KeyRow(key_pair, key_pair.pk in needed) for key_pair in key_pairs]


def use_of(certificate: Certificate, identity: ClientIdentity) -> Validity:
    """Say which place a certificate has."""
    if certificate.pk == identity.current_id:
        return Validity("good", _("in use"))
    if certificate.pk == identity.next_id:
        return Validity("waiting", _("next"))
    if certificate.pk == identity.previous_id:
        return Validity("busy", _("to fall back on"))
    return Validity("neutral", _("not in use"))
