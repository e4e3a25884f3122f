"""Answers and publications."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from exchange.queries import answers_and_publications, files_still_at_magda, folders_in_trouble
from magda_portal.people.access import PersonRequest
from magda_portal.web.pagination import newest_first


@require_GET
def inbox(request: PersonRequest) -> HttpResponse:
    """Show what was collected, newest first, and what still waits at MAGDA."""
    page = newest_first(answers_and_publications(request.user), request)
    context = {
        "page": page,
        "waiting": files_still_at_magda(request.user)[:100],
        "folders": folders_in_trouble(request.user)[:100],
    }
    return render(request, "exchange/inbox.html", context)
