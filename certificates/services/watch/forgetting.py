"""Forget what servers showed long ago."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import OuterRef, Subquery

from certificates.models import ServerSighting

MEMORY: Final = timedelta(days=365)


def forget_sightings(*, now: datetime) -> int:
    """Delete the sightings that ended over a year ago, with their alarms; return how many.

    The newest of each server stays: it is what the next one is compared with.
    """
    newest = ServerSighting.objects.filter(server=OuterRef("server")).values("pk")[:1]
    old = ServerSighting.objects.filter(last_seen_at__lt=now - MEMORY).exclude(pk=Subquery(newest))
    _, deleted = old.delete()
    return deleted.get(ServerSighting._meta.label, 0)
