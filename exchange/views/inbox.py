"""Answers and publications."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from exchange.queries import (
    accounts_visible_to,
    answers_and_publications,
    files_still_at_magda,
    folders_in_trouble,
    look_at,
    organisations_diagnosed_by,
    waiting_files,
)
from magda_portal.people.access import PersonRequest
from magda_portal.web.pagination import newest_first


@require_GET
def inbox(request: PersonRequest) -> HttpResponse:
    """Show what was collected, newest first, and what still waits at MAGDA."""
    now = timezone.now()
    files = files_still_at_magda(request.user)[:100]
    looks = [look_at(account, now=now) for account in accounts_visible_to(request.user)]
    context = {
        "page": newest_first(answers_and_publications(request.user), request),
        "waiting": waiting_files(files, today=timezone.localdate(now)),
        "folders": folders_in_trouble(request.user)[:100],
        "looks": sorted(looks, key=lambda look: look.since),
        # The dialogue with the server is for those who look for the fault.
        "diagnosed": set(organisations_diagnosed_by(request.user).values_list("pk", flat=True)),
    }
    return render(request, "exchange/inbox.html", context)
