"""Every beat job and its period, on one page.

The schedule is code, reviewed like code. Each job claims what it works on in the database, so two
beats running at once do no harm.
"""

from datetime import timedelta
from typing import Any

from celery.schedules import crontab

BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    # Due deliveries and due collections, one task per account.
    "dispatch-due": {
        "task": "exchange.tasks.dispatch_due",
        "schedule": timedelta(seconds=10),
        # A tick that nobody took is worth nothing soon; not at once, since clocks differ.
        "options": {"expires": 60},
    },
    # Transfers and accounts whose worker went away.
    "free-stalled": {
        "task": "exchange.tasks.free_stalled",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    # Mail at 60, 30, 14, 7, 3 and 1 days before expiry and on expiry, once per threshold; and
    # certificates whose time has come are put in use. Hourly, so that neither comes a day late.
    "notify-expiring": {
        "task": "certificates.tasks.notify_expiring",
        "schedule": crontab(minute="30"),
    },
    # Mail about accounts in trouble, once per trouble. Not sent by the transfers themselves, which
    # no mail server may hold up.
    "send-alerts": {
        "task": "exchange.tasks.send_alerts",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    # Mail about files that MAGDA removes within three days, and accounts that could not be looked
    # at for 11 days. Hourly, so that a mail server that is away costs hours, not a day of three.
    "sound-alarms": {
        "task": "exchange.tasks.sound_alarms",
        "schedule": crontab(minute="45"),
    },
    # Temporary files of ours, names that may be used again, contents past their retention.
    "clean-up": {
        "task": "exchange.tasks.clean_up",
        "schedule": crontab(hour="3", minute="15"),
    },
}
