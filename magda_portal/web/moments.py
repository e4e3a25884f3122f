"""Days and moments in words: the same form on pages and inside sentences."""

from datetime import date, datetime
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format

# The month in letters: 3/4 is another day to a Fleming than to an American.
_DAY: Final = "j N Y"
_MOMENT: Final = "j N Y H:i:s"


def moment_in_words(at: datetime) -> str:
    """Return a moment in local time and in the language of the moment."""
    return date_format(timezone.localtime(at), _MOMENT)


def local_day(on: date) -> date:
    """Return a day as it is; of an aware moment, the day on which people see it happen."""
    if isinstance(on, datetime) and timezone.is_aware(on):
        return timezone.localdate(on)
    return on


def day_in_words(on: date) -> str:
    """Return a day, or the local day of an aware moment, in the language of the moment."""
    return date_format(local_day(on), _DAY)
