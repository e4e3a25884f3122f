import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from magda_portal.web.middleware import ClientAddressMiddleware


def seen_address(request: HttpRequest) -> str:
    """Return the address that the rest of the portal sees."""
    seen: list[str] = []

    def page(request: HttpRequest) -> HttpResponse:
        seen.append(request.META["REMOTE_ADDR"])
        return HttpResponse()

    ClientAddressMiddleware(page)(request)
    return seen[0]


@pytest.mark.parametrize(
    ("remote", "forwarded", "seen"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        # A client that is no proxy may say what it likes.
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
        ("10.1.2.3", "198.51.100.7", "198.51.100.7"),
        # What stands left of the last foreign address was made up by the client.
        ("10.1.2.3", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        ("10.1.2.3", "198.51.100.7, 10.9.9.9", "198.51.100.7"),
        ("10.1.2.3", "not an address", "10.1.2.3"),
        ("10.1.2.3", "", "10.1.2.3"),
        ("10.1.2.3", "2001:db8::7", "2001:db8::7"),
    ],
)
def test_the_clients_address_is_believed_from_trusted_proxies_only(
    settings: Settings, remote: str, forwarded: str, seen: str
) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8", "::1"]
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}

    request = RequestFactory().get("/", REMOTE_ADDR=remote, headers=headers)

    assert seen_address(request) == seen
