"""The Celery application.

Celery only wakes the portal up: the database is the queue and the truth, so a task that the
broker loses is found again by the next ``dispatch_due``.
"""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "magda_portal.settings")

TRANSPORT_ALIASES["filesystem"] = "magda_portal.folder_broker:Transport"

app = Celery("magda_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["exchange", "certificates"])
