"""What beat starts."""

from celery import shared_task
from django.utils import timezone

from certificates.services import activation, expiry


@shared_task
def notify_expiring() -> None:
    """Put next certificates in use whose period has begun, and warn about what expires."""
    now = timezone.now()
    activation.activate_due(now=now, actor=expiry.PORTAL)
    expiry.notify_expiring(now=now)
