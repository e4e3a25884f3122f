"""What beat starts."""

from celery import shared_task
from django.utils import timezone

from certificates.services import expiry, key_pairs, relay, revocation


@shared_task
def notify_expiring() -> None:
    """Warn about what expires."""
    expiry.notify_expiring(now=timezone.now())


@shared_task
def renew_certificates() -> None:
    """Put next certificates in use whose moment has come, and destroy keys that had their day."""
    now = timezone.now()
    relay.activate_due(now=now, actor=relay.PORTAL)
    key_pairs.destroy_due(now=now, actor=relay.PORTAL)


@shared_task
def refresh_revocation_lists() -> None:
    """Fetch the revocation lists that are due, and check the certificates in use by them."""
    now = timezone.now()
    revocation.sync_sources(now=now)
    revocation.refresh_due(now=now)
    revocation.check_certificates(now=now)
    revocation.tell_revoked(now=now)
