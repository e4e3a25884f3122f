"""The Celery application.

Celery only wakes the portal up: the database is the queue and the truth, so a task that the
broker loses is found again by the next ``dispatch_due``.
"""

import os
import warnings

from celery import Celery
from celery.exceptions import CPendingDeprecationWarning
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "magda_portal.settings")

TRANSPORT_ALIASES["filesystem"] = "magda_portal.folder_broker:Transport"
TRANSPORT_ALIASES["redis"] = TRANSPORT_ALIASES["rediss"] = "magda_portal.redis_broker:Transport"

# Each time a broker is lost Celery tells in ten lines that running tasks aren't cancelled. Just so:
# a transfer that is under way does not need the broker.
warnings.filterwarnings(
    "ignore",
    message="(?s).*worker_cancel_long_running_tasks_on_connection_loss",
    category=CPendingDeprecationWarning,
)

app = Celery("magda_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["exchange", "certificates"])
