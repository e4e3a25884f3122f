"""Is the portal alive, and can it work? Asked by supervisors and load balancers."""

import tempfile

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET


@login_not_required
@require_GET
def health_live(request: HttpRequest) -> HttpResponse:
    """Answer as long as the process serves requests."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_GET
def health_ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 when database and storage can be used, else 503 and which one can't.

    The broker isn't asked: without it the portal is slower, not broken.
    """
    parts = {"database": _database_answers(), "storage": _storage_is_writable()}
    return JsonResponse(
        {name: "ok" if works else "failed" for name, works in parts.items()},
        status=200 if all(parts.values()) else 503,
    )


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _storage_is_writable() -> bool:
    try:
        with tempfile.TemporaryFile(dir=settings.PAYLOAD_DIR):
            return True
    except OSError:
        return False
