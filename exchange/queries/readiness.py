"""Whether an account's own certificate can open a connection, before any server is asked."""

from datetime import datetime
from typing import Final

from certificates.models import Certificate, RevocationState
from exchange.models import Account

# Trouble that another certificate may end.
ABOUT_CERTIFICATE: Final = frozenset(
    {
        "account.certificate_expired",
        "account.certificate_not_yet_valid",
        "account.certificate_revoked",
        "account.no_certificate",
        "account.secret_unreadable",
        "client.key_unusable",
        "login.refused",
        "tls.client_rejected",
    }
)


def why_not_ready(account: Account, *, now: datetime) -> str:
    """Return the code of what keeps ``account`` from logging in; "" when nothing does."""
    certificate = account.identity.current
    if certificate is None:
        return "account.no_certificate"
    return why_unusable(certificate, now=now)


def why_unusable(certificate: Certificate, *, now: datetime) -> str:
    """Return the code of what makes a server refuse ``certificate`` at ``now``; "" for nothing."""
    if certificate.revocation == RevocationState.REVOKED:
        return "account.certificate_revoked"
    if certificate.not_after <= now:
        return "account.certificate_expired"
    if certificate.not_before > now:
        return "account.certificate_not_yet_valid"
    return ""


def has_outdated_trouble(account: Account) -> bool:
    """Say whether the trouble of ``account`` was about a certificate that is no longer in use.

    The next round of the dispatcher ends it.
    """
    switched_at, since = account.identity.switched_at, account.trouble_since
    is_about_it = account.trouble_code in ABOUT_CERTIFICATE
    return bool(is_about_it and switched_at and since and switched_at > since)
