"""The history of everything."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from magda_portal.people.access import PersonRequest
from magda_portal.people.queries import events_visible_to, may_see_events
from magda_portal.web.pagination import newest_first


@require_GET
def events(request: PersonRequest) -> HttpResponse:
    if not may_see_events(request.user):
        raise PermissionDenied
    page = newest_first(events_visible_to(request.user), request)
    return render(request, "people/events.html", {"page": page})
