"""What people are told by mail: what they chose, and who hears of an organisation."""

from magda_portal.people.services.notifications.choices import (
    Timings,
    choose_notifications,
    timings_of,
    timings_of_each,
)
from magda_portal.people.services.notifications.watchers import Watcher, note, watchers

__all__ = [
    "Timings",
    "Watcher",
    "choose_notifications",
    "note",
    "timings_of",
    "timings_of_each",
    "watchers",
]
