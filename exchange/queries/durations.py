"""How long something took, in words."""

from datetime import timedelta

from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import ngettext

_MINUTE = timedelta(minutes=1)


def in_words(span: timedelta) -> str:
    """Return a duration in its two largest units; a negative one counts as none at all."""
    if span < _MINUTE:
        seconds = max(int(span.total_seconds()), 0)
        return ngettext("%(seconds)d second", "%(seconds)d seconds", seconds) % {"seconds": seconds}
    now = timezone.now()
    return timesince(now - span, now, depth=2)
