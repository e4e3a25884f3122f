"""What every request passes through."""

import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from magda_portal.web.current import RequestFacts, handling

GetResponse = Callable[[HttpRequest], HttpResponse]
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,36}")


class RequestIdMiddleware:
    """Give each request an id that its events and its answer carry.

    An id from the reverse proxy is kept when it looks like one, so that its log can be matched.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else str(uuid.uuid4())
        facts = RequestFacts(id=request_id, ip_address=request.META.get("REMOTE_ADDR", ""))
        with handling(facts):
            response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


class NoStoreMiddleware:
    """Keep pages and files out of every cache: they show personal data (ASVS 14.3.2)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Cache-Control", "no-store")
        return response
