"""Forget what was told long ago, and what nobody could be told in time."""

from datetime import datetime, timedelta
from typing import Final

from magda_portal.people.models import Notice, NotificationMail

TOO_LATE: Final = timedelta(days=7)
"""What waits longer, because no mail could leave, is no news any more."""
MEMORY: Final = timedelta(days=60)
"""Longer than MAGDA keeps a file, so that none is noted anew."""


def forget_notices(*, now: datetime) -> None:
    Notice.objects.filter(handled_at=None, noted_at__lt=now - TOO_LATE).update(handled_at=now)
    Notice.objects.filter(noted_at__lt=now - MEMORY).delete()
    NotificationMail.objects.filter(slot__lt=now - MEMORY).delete()
