"""What keeps an account from connecting, before any server is asked, and what no longer does."""

from datetime import datetime
from typing import Final

from django.db.models import OuterRef, QuerySet, Subquery

from certificates.models import Certificate, RevocationState
from certificates.queries import anchors_for
from exchange.models import Account

# Trouble that another certificate may end.
ABOUT_CERTIFICATE: Final = frozenset(
    {
        "account.both_certificates_refused",
        "account.certificate_expired",
        "account.certificate_not_yet_valid",
        "account.certificate_revoked",
        "account.no_certificate",
        "account.secret_unreadable",
        "client.key_unusable",
        "login.refused",
        "tls.client_rejected",
        "tls.cut_after_handshake",
    }
)
# Trouble that another trust anchor may end.
ABOUT_TRUST: Final = frozenset(
    {"account.no_trust_anchor", "client.trust_unusable", "tls.server_untrusted"}
)
# Trouble that the page of the server says more about.
ABOUT_SERVER: Final = ABOUT_TRUST | {
    "tls.server_expired",
    "tls.server_name",
    "tls.server_revoked",
}


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


def with_newest_anchor(accounts: QuerySet[Account]) -> QuerySet[Account]:
    """Return ``accounts`` with what :func:`has_outdated_trouble` would ask for, one by one."""
    anchors = anchors_for(
        organisation_id=OuterRef("identity__organisation_id"),
        environment=OuterRef("identity__environment"),
    )
    newest = anchors.order_by("-added_at").values("added_at")[:1]
    return accounts.annotate(newest_anchor_at=Subquery(newest))


def has_outdated_trouble(account: Account) -> bool:
    """Say whether the trouble of ``account`` is about what was replaced or added since.

    That is a certificate that is no longer in use, or trust anchors that are no longer all there
    are. The next round of the dispatcher ends it. Asks the database, unless ``account`` comes from
    :func:`with_newest_anchor`.
    """
    identity, since = account.identity, account.trouble_since
    if since is None:
        return False
    if account.trouble_code in ABOUT_CERTIFICATE:
        return identity.switched_at is not None and identity.switched_at > since
    if account.trouble_code in ABOUT_TRUST:
        if "newest_anchor_at" in vars(account):
            newest: datetime | None = vars(account)["newest_anchor_at"]
            return newest is not None and newest > since
        anchors = anchors_for(
            organisation_id=identity.organisation_id, environment=identity.environment
        )
        return anchors.filter(added_at__gt=since).exists()
    return False
