"""How much may be under way: to each upload that was begun, its room on the disk is promised."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Count, F, QuerySet, Sum
from django.utils import timezone

from exchange.errors import SubmissionError
from exchange.models import Upload
from exchange.services.uploads import UPLOAD_RETENTION
from exchange.storage import payload_store
from magda_portal.people.models import Person

MAX_BEGUN: Final = 50
"""Files of one person that may be under way at a time, in whatever forms."""
MOST_AT_ONCE: Final = 5
"""How many of these may be of the greatest size: so many bytes in all."""

# How long an announcement stands of which nothing came: a page sends its first part right away.
_ANNOUNCED_STANDS: Final = timedelta(hours=1)


def require_room(person: Person, length: int) -> None:
    """Raise SubmissionError unless ``person`` may begin a file of ``length`` bytes.

    ``upload.too_many_begun``: theirs, as files or as bytes, are too many. ``storage.reserved``: the
    disk has no room beside what is under way already, whoever sends it. Two that begin at the same
    moment may both pass: the store looks for room at each write too.
    """
    begun = _under_way(now=timezone.now())
    theirs = begun.filter(person=person).aggregate(files=Count("pk"), size=Sum("length", default=0))
    too_large = theirs["size"] + length > MOST_AT_ONCE * settings.UPLOAD_LIMIT
    if theirs["files"] >= MAX_BEGUN or too_large:
        raise SubmissionError("upload.too_many_begun")
    promised = begun.aggregate(rest=Sum(F("length") - F("received"), default=0))["rest"]
    if not payload_store().has_room_for(promised + length):
        raise SubmissionError("storage.reserved")


def announced_lately(*, now: datetime) -> QuerySet[Upload]:
    """Return the uploads of which nothing came yet, and still may."""
    return Upload.objects.filter(
        state=Upload.State.RECEIVING, received=0, touched_at__gt=now - _ANNOUNCED_STANDS
    )


def _under_way(*, now: datetime) -> QuerySet[Upload]:
    parts = Upload.objects.filter(
        state=Upload.State.RECEIVING, received__gt=0, touched_at__gt=now - UPLOAD_RETENTION
    )
    return parts | announced_lately(now=now)
