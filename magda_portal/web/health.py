"""Is the portal alive, and can it work? Asked by supervisors and load balancers."""

import shutil
import tempfile
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_GET
from kombu.exceptions import OperationalError

from magda_portal.web.liveness import Part, Pulse, last_sign

# A broker that hangs must not make the answer late, in seconds.
_BROKER_PATIENCE = 0.5


@login_not_required
@require_GET
def health_live(request: HttpRequest) -> HttpResponse:
    """Answer as long as the process serves requests."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_GET
def health_ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 when database and storage can be used, else 503, and which one can't.

    ``status`` is ``ok``, ``degraded`` or ``failed``. Without its broker, with workers that give no
    sign of life, or with a disk of which only the reserve is left, the portal is degraded, not
    down: it still answers 200. Workers that never gave a sign are ``unknown``: they may be about
    to, in the first minute of a new portal.
    """
    vital = {"database": _database_answers(), "storage": _is_writable(settings.PAYLOAD_DIR)}
    helpful = {"broker": _broker_answers(), "room": vital["storage"] and _has_room()}
    pulses = {part.value: last_sign(part, now=timezone.now()).pulse for part in Part}
    is_well = all(helpful.values()) and Pulse.SILENT not in pulses.values()
    status = "ok" if is_well else "degraded"
    if not all(vital.values()):
        status = "failed"
    parts = {name: "ok" if works else "failed" for name, works in {**vital, **helpful}.items()}
    return JsonResponse(
        {"status": status, **parts, **{name: pulse.value for name, pulse in pulses.items()}},
        status=200 if all(vital.values()) else 503,
    )


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True


def _broker_answers() -> bool:
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    if "data_folder_out" in options:
        return _is_writable(str(options["data_folder_out"]))
    patience = {"socket_timeout": _BROKER_PATIENCE, "socket_connect_timeout": _BROKER_PATIENCE}
    try:
        with current_app.connection_for_write(transport_options=patience) as broker:
            # Made on first use, which asks the broker for a sign of life.
            broker.default_channel  # noqa: B018  # the look at it is the question
    except (OperationalError, OSError):
        return False
    return True


def _is_writable(folder: Path | str) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _has_room() -> bool:
    reserve: int = settings.STORAGE_RESERVE_MB * 1024**2
    return shutil.disk_usage(settings.PAYLOAD_DIR).free >= reserve
