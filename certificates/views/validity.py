"""Say in one word and one tone how long a certificate is good for."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certificates.models import Certificate

SOON = 30
"""Days before expiry from which a certificate asks for attention."""


@dataclass(frozen=True, slots=True)
class Validity:
    tone: str
    words: str


def validity_of(certificate: Certificate | None, now: datetime) -> Validity:
    """Return the tone of the badge and its words."""
    if certificate is None:
        return Validity("bad", _("no certificate"))
    if certificate.not_after <= now:
        return Validity("bad", _("expired"))
    if certificate.not_before > now:
        return Validity("waiting", _("not valid yet"))
    days = certificate.days_left(now)
    words = ngettext("%(days)d day left", "%(days)d days left", days) % {"days": days}
    return Validity("attention" if days <= SOON else "good", words)
