"""Organisations, people, which person may do what for which organisation, and what they hear."""

from magda_portal.people.models.notification import (
    Kind,
    Notice,
    NotificationChoice,
    NotificationMail,
    Timing,
    TrailMark,
)
from magda_portal.people.models.person import (
    Language,
    Membership,
    Organisation,
    Person,
    PersonManager,
    Role,
)

__all__ = [
    "Kind",
    "Language",
    "Membership",
    "Notice",
    "NotificationChoice",
    "NotificationMail",
    "Organisation",
    "Person",
    "PersonManager",
    "Role",
    "Timing",
    "TrailMark",
]
