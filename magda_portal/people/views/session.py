"""How long somebody stays logged in."""

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from magda_portal.people.access import PersonRequest
from magda_portal.web.session_end import ends_at, may_stay, may_stay_from, stay


@require_http_methods(["GET", "POST"])
def session_stay(request: PersonRequest) -> HttpResponse:
    """Say how long the session still lasts; make it last longer first, when that is sent.

    Scripts get a token too: a login in another tab has made the one of their page worthless.
    """
    stays = request.method == "POST" and stay(request.session, now=timezone.now())
    if request.method == "GET" or "application/json" in request.headers.get("Accept", ""):
        return JsonResponse(_told(request))
    if stays:
        messages.success(request, _("You stay logged in an hour longer."))
    elif may_stay_from(request.session):
        messages.info(
            request,
            _(
                "Your session lasts more than an hour still. You can make it longer in its last "
                "hour."
            ),
        )
    else:
        messages.error(request, _("This session can't last any longer. Log in again instead."))
    return redirect("usersessions_list")


def _told(request: PersonRequest) -> dict[str, object]:
    at, now = ends_at(request.session), timezone.now()
    return {
        "seconds": (at - now).total_seconds() if at else None,
        "may_stay": may_stay(request.session, now=now),
        "token": get_token(request),
    }
