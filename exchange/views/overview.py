"""The first page after logging in."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from exchange.advice import advice_for
from exchange.queries import overview_for
from exchange.storage import payload_store
from magda_portal.people.access import PersonRequest


@require_GET
def overview(request: PersonRequest) -> HttpResponse:
    # Who else looks at this page can do nothing about the disk.
    code = _storage_trouble() if request.user.is_helpdesk else ""
    context = {
        "overview": overview_for(request.user, now=timezone.now()),
        "storage": advice_for(code) if code else None,
    }
    return render(request, "exchange/overview.html", context)


def _storage_trouble() -> str:
    """Return the code of what is wrong with the store's room; empty while there is enough."""
    store = payload_store()
    try:
        if not store.has_room_for(1):
            return "storage.used_up"
        return "" if store.has_room_for(settings.UPLOAD_LIMIT) else "storage.low"
    except OSError:
        return "storage.unreadable"
