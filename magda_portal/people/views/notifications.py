"""What people want to hear of by mail, and when."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from magda_portal.people.access import PersonRequest
from magda_portal.people.forms import NotificationsForm
from magda_portal.people.services.notifications import choose_notifications, timings_of


@require_http_methods(["GET", "POST"])
def notifications(request: PersonRequest) -> HttpResponse:
    form = NotificationsForm(request.POST or None, timings=timings_of(request.user))
    if request.method == "POST" and form.is_valid():
        choose_notifications(request.user, form.timings())
        messages.success(request, _("Your notifications are saved."))
        return redirect("notifications")
    status = 422 if form.errors else 200
    return render(request, "people/notifications.html", {"form": form}, status=status)
