"""What is shown when there is nothing to show."""

import errno

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from magda_portal.tests.world import Visitor, World
from magda_portal.urls import handler403, handler500
from magda_portal.urls import urlpatterns as portal

__all__ = ["handler403", "handler500"]


def breaks(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a fault in a view")


def has_no_database(request: HttpRequest) -> HttpResponse:
    raise OperationalError("connection to server at 10.0.0.1 failed")


def has_no_room(request: HttpRequest) -> HttpResponse:
    raise OSError(errno.ENOSPC, "No space left on device")


urlpatterns = [
    *portal,
    path("breaks/", breaks),
    path("has-no-database/", has_no_database),
    path("has-no-room/", has_no_room),
]


def test_an_unknown_address_has_a_page(world: World) -> None:
    response = world.browser(Visitor.CLERK).get("/no/such/page/")

    assert response.status_code == 404
    assert "This page does not exist" in response.text


def test_an_unknown_address_is_told_to_strangers_too(client: Client, db: None) -> None:
    assert client.get("/no/such/page/").status_code == 404


@pytest.mark.urls("magda_portal.tests.test_error_pages")
def test_a_fault_has_a_page_in_both_languages_that_tells_nothing(world: World) -> None:
    browser = world.browser(Visitor.CLERK)
    browser.raise_request_exception = False

    response = browser.get("/breaks/")

    assert response.status_code == 500
    assert "Er ging iets mis" in response.text
    assert "Something went wrong" in response.text
    assert "a fault in a view" not in response.text


@pytest.mark.urls("magda_portal.tests.test_error_pages")
@pytest.mark.parametrize(
    ("address", "status", "language", "words"),
    [
        ("/has-no-database/", 503, "en", "not available at the moment"),
        ("/has-no-database/", 503, "nl", "even niet beschikbaar"),
        ("/has-no-room/", 507, "en", "storage is full"),
        ("/has-no-room/", 507, "nl-BE,en;q=0.5", "opslag van het portaal is vol"),
        ("/has-no-room/", 507, "fr", "opslag van het portaal is vol"),
    ],
)
def test_an_outage_has_a_page_in_the_readers_language(
    world: World, address: str, status: int, language: str, words: str
) -> None:
    browser = world.browser(Visitor.CLERK)
    browser.raise_request_exception = False

    response = browser.get(address, headers={"accept-language": language})

    assert response.status_code == status
    assert response["Retry-After"] == "30"
    assert response["Cache-Control"] == "no-store"
    assert words in response.text
    assert "10.0.0.1" not in response.text


def test_a_host_that_is_not_ours_gets_a_page_without_details(client: Client, db: None) -> None:
    response = client.get("/login/", headers={"host": "evil.example"})

    assert response.status_code == 400
    assert "evil.example" not in response.text


def test_a_form_without_its_token_gets_a_page(world: World) -> None:
    response = world.strict_browser(Visitor.CLERK).post("/logout/")

    assert response.status_code == 403
    assert "The form could not be accepted" in response.text
