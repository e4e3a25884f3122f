"""The first page after logging in."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from exchange.queries import overview_for
from magda_portal.people.access import PersonRequest


@require_GET
def overview(request: PersonRequest) -> HttpResponse:
    found = overview_for(request.user, now=timezone.now())
    return render(request, "exchange/overview.html", {"overview": found})
