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
    # Signs of life, one from each kind of worker, for the overview and for /health/ready.
    "show-life-of-rounds": {
        "task": "exchange.tasks.show_life",
        "args": ("rounds",),
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "show-life-of-transfers": {
        "task": "exchange.tasks.show_life",
        "args": ("transfers",),
        "schedule": timedelta(minutes=1),
        "options": {"queue": "transfers", "expires": 60},
    },
    # Transfers and accounts whose worker went away.
    "free-stalled": {
        "task": "exchange.tasks.free_stalled",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    # Switch to next certificates at the planned moment, and destroy keys on the day set for it.
    "renew-certificates": {
        "task": "certificates.tasks.renew_certificates",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    # Mail at 60, 30, 14, 7, 3 and 1 days before expiry and on expiry, once per threshold. Hourly,
    # so that none comes a day late.
    "notify-expiring": {
        "task": "certificates.tasks.notify_expiring",
        "schedule": crontab(minute="30"),
    },
    # Revocation lists by their nextUpdate, at least daily, and what they say of the certificates in
    # use. Slow servers make it take minutes, so it goes to the workers of the transfers.
    "refresh-revocation-lists": {
        "task": "certificates.tasks.refresh_revocation_lists",
        "schedule": timedelta(minutes=10),
        "options": {"queue": "transfers", "expires": 540},
    },
    # Mail about accounts in trouble, once per trouble. Not sent by the transfers themselves, which
    # no mail server may hold up.
    "send-alerts": {
        "task": "exchange.tasks.send_alerts",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    # What each person chose to hear of. The rows say which mails are due: those at once, and from
    # half past seven on the daily ones, so that a mail server that is away then costs minutes.
    "send-notifications": {
        "task": "exchange.tasks.send_notifications",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    # Mail about files that MAGDA removes within three days, and accounts that could not be looked
    # at for 11 days. Hourly, so that a mail server that is away costs hours, not a day of three.
    "sound-alarms": {
        "task": "exchange.tasks.sound_alarms",
        "schedule": crontab(minute="45"),
    },
    # What the servers show, each of them every six hours. A round takes up to a minute, so it goes
    # to the workers of the transfers; one that found them busy is worth nothing at the next tick.
    "watch-servers": {
        "task": "exchange.tasks.watch_servers",
        "schedule": timedelta(minutes=5),
        "options": {"queue": "transfers", "expires": 240},
    },
    # Temporary files of ours, names that may be used again, contents past their retention.
    "clean-up": {
        "task": "exchange.tasks.clean_up",
        "schedule": crontab(hour="3", minute="15"),
    },
}
