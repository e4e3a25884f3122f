"""Warn people before something that an account depends on expires, and when it has."""

from certificates.services.expiry.notices import acknowledge
from certificates.services.expiry.subscriptions import stop_warning, warn_by_mail
from certificates.services.expiry.thresholds import THRESHOLDS, passed_thresholds
from certificates.services.expiry.warnings import notify_expiring
from certificates.services.relay import PORTAL

__all__ = [
    "PORTAL",
    "THRESHOLDS",
    "acknowledge",
    "notify_expiring",
    "passed_thresholds",
    "stop_warning",
    "warn_by_mail",
]
