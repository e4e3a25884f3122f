"""Say in one word and one tone how a certificate stands."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certificates.models import Certificate, RevocationState

SOON = 30
"""Days before expiry from which a certificate asks for attention."""
_REVOCATION_TONES = {
    RevocationState.GOOD: "good",
    RevocationState.REVOKED: "bad",
    RevocationState.STALE: "attention",
    RevocationState.UNCHECKED: "neutral",
}


@dataclass(frozen=True, slots=True)
class Validity:
    """The tone of a badge and its words."""

    tone: str
    words: str


def validity_of(certificate: Certificate | None, now: datetime) -> Validity:
    """Say how long a certificate is good for, or why it is not."""
    if certificate is None:
        return Validity("bad", _("no certificate in use"))
    if certificate.revocation == RevocationState.REVOKED:
        return Validity("bad", _("revoked"))
    return validity_between(certificate.not_before, certificate.not_after, now)


def validity_between(not_before: datetime, not_after: datetime, now: datetime) -> Validity:
    """Say how long anything that is good for a period still is."""
    if not_after <= now:
        return Validity("bad", _("expired"))
    if not_before > now:
        return Validity("waiting", _("not valid yet"))
    days = (not_after - now).days
    words = ngettext("%(days)d day left", "%(days)d days left", days) % {"days": days}
    return Validity("attention" if days <= SOON else "good", words)


def revocation_of(certificate: Certificate) -> Validity:
    """Say what the revocation lists know of a certificate."""
    state = RevocationState(certificate.revocation)
    return Validity(_REVOCATION_TONES[state], str(state.label))
