"""What it means to trust a certificate: what happens at a renewal, and on which day it ends."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from magda_portal.web.moments import day_in_words

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


def consequence(*, is_authority: bool, not_after: datetime, now: datetime) -> "StrPromise":
    """Return the consequence in words, with the day; ``is_authority`` or else a server's own."""
    day = day_in_words(not_after)
    if not_after <= now:
        words = _("It expired on {day}, so it makes no server trusted any more.")
    elif is_authority:
        words = _(
            "A renewal of the server's certificate is harmless. On {day} this authority ends: add "
            "its successor before."
        )
    else:
        words = _(
            "You will be locked out on {day} at the latest, and sooner when the server's "
            "certificate is renewed before: trust the new one in time."
        )
    return format_lazy(words, day=day)
