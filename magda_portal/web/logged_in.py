"""What somebody gets who asks for a page and is not logged in, or not any more."""

from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from magda_portal.web.live import is_live_request
from magda_portal.web.session_end import is_over

UNSENT: Final = "unsent"
"""Under this name the login page learns that a form was sent, and not received."""


class LoggedInMiddleware(LoginRequiredMiddleware):
    """Like Django's own; it knows sessions that are over, parts of pages, and lost forms.

    A page that keeps itself up to date gets 401: it would show the login page in its midst. Who
    sent a form is led back to the page where it stands, not to the address it was sent to, which
    may have no page.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Let nobody be there any more after the end, on pages that need no login either."""
        if is_over(request.session, now=timezone.now()):
            request.session.flush()
            request.user = AnonymousUser()

    def handle_no_permission(  # type: ignore[override]  # the stubs allow a redirect only
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponse:
        if is_live_request(request):
            return _logged_out()
        if request.method in ("GET", "HEAD"):
            return super().handle_no_permission(request, view_func)
        login = resolve_url(self.get_login_url(view_func))
        back = page_before(request, otherwise=resolve_url("overview"))
        query = {UNSENT: "1", self.get_redirect_field_name(view_func): back}
        return HttpResponseRedirect(f"{login}?{urlencode(query)}")


def page_before(request: HttpRequest, *, otherwise: str) -> str:
    """Return the path of our own page that a request came from; ``otherwise`` if none is told."""
    told = request.headers.get("Referer", "")
    own = {request.get_host()}
    if not told or not url_has_allowed_host_and_scheme(told, own, request.is_secure()):
        return otherwise
    parts = urlsplit(told)
    back = f"{parts.path}?{parts.query}" if parts.query else parts.path
    # A path may begin like an address of another host, or be that of a neighbour on ours.
    is_ours = back.startswith(f"{settings.PORTAL_PATH}/")
    return back if is_ours and url_has_allowed_host_and_scheme(back, None) else otherwise


def _logged_out() -> HttpResponse:
    response = HttpResponse(
        _("You are logged out: log in again."), status=401, content_type="text/plain"
    )
    # RFC 9110 asks for a challenge, and no browser has a window of its own for this one.
    response["WWW-Authenticate"] = 'Session realm="MAGDA"'
    return response
