"""What every request passes through."""

import re
import uuid
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from magda_portal.web.current import RequestFacts, handling

GetResponse = Callable[[HttpRequest], HttpResponse]
Address = IPv4Address | IPv6Address
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,36}")


class ClientAddressMiddleware:
    """Put the client's address where a trusted reverse proxy's stands.

    The last address in ``X-Forwarded-For`` that is not a trusted proxy itself counts: everything
    left of it could have been made up by the client.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self._trusted = [ip_network(entry, strict=False) for entry in settings.TRUSTED_PROXIES]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        hops = request.headers.get("X-Forwarded-For", "").split(",")
        while hops and self._is_trusted(request.META.get("REMOTE_ADDR", "")):
            client = _address(hops.pop())
            if client is None:
                break
            request.META["REMOTE_ADDR"] = str(client)
        return self.get_response(request)

    def _is_trusted(self, text: str) -> bool:
        address = _address(text)
        return address is not None and any(address in network for network in self._trusted)


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


def _address(text: str) -> Address | None:
    try:
        return ip_address(text.strip())
    except ValueError:
        return None
