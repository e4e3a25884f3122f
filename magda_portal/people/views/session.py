"""How long somebody stays logged in."""

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from magda_portal.people.access import PersonRequest
from magda_portal.web.session_end import ends_at, may_stay, stay


@require_http_methods(["GET", "POST"])
def session_stay(request: PersonRequest) -> HttpResponse:
    """Say how long the session still lasts; make it last longer first, when that is sent."""
    stays = request.method == "POST" and stay(request.session)
    if request.method == "GET" or "application/json" in request.headers.get("Accept", ""):
        return JsonResponse(_told(request))
    if stays:
        messages.success(request, _("You stay logged in an hour longer."))
    else:
        messages.error(request, _("This session can't last any longer. Log in again instead."))
    return redirect("usersessions_list")


def _told(request: PersonRequest) -> dict[str, object]:
    at = ends_at(request.session)
    seconds = (at - timezone.now()).total_seconds() if at else None
    return {"seconds": seconds, "may_stay": may_stay(request.session)}
