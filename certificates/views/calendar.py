"""The address at which a person's calendar reads the dates, and the calendar itself."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from certificates.queries.expiring import expiring_things
from certificates.queries.expiry import calendar_feed_of, organisations_of
from certificates.services.calendar import make_feed, reader_with, remove_feed
from certificates.views.calendar_file import calendar_of
from magda_portal.people.access import PersonRequest


@require_http_methods(["GET", "POST"])
def calendar(request: PersonRequest) -> HttpResponse:
    """Tell whether there is an address (GET); make a new one and show it, this once (POST)."""
    address = ""
    if request.method == "POST":
        token = make_feed(request.user, now=timezone.now())
        address = settings.PORTAL_ORIGIN + reverse("calendar_feed", args=[token])
    context = {"feed": calendar_feed_of(request.user), "address": address}
    return render(request, "certificates/calendar.html", context)


@require_POST
def calendar_remove(request: PersonRequest) -> HttpResponse:
    remove_feed(request.user)
    messages.success(request, _("The address of your calendar no longer works."))
    return redirect("calendar")


@login_not_required
@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """Return the dates of the organisations that the person with this token is a member of."""
    now = timezone.now()
    person = reader_with(token, now=now)
    if person is None:
        raise Http404
    things = expiring_things(organisations_of(person), now=now)
    # No browser asks here, so there is no other language than the portal's own.
    with translation.override(settings.LANGUAGE_CODE):
        content = calendar_of(things, now=now)
    return HttpResponse(
        content,
        content_type="text/calendar; charset=utf-8",
        headers={"Cache-Control": "private, no-cache", "Referrer-Policy": "no-referrer"},
    )
