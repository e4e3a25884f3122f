"""What is shown when there is nothing to show."""

import errno
import re
from pathlib import Path

import pytest
from django.conf import settings as portal_settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path
from pytest_django.fixtures import Settings

from magda_portal.tests.world import Visitor, World
from magda_portal.urls import handler400, handler403, handler500
from magda_portal.urls import urlpatterns as portal
from magda_portal.web.plain_pages import plain_page

__all__ = ["handler400", "handler403", "handler500"]


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
@override_settings(LANGUAGE_CODE="nl")
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


@pytest.mark.urls("magda_portal.tests.test_error_pages")
def test_a_fault_is_told_in_the_readers_language_first(world: World) -> None:
    browser = world.browser(Visitor.CLERK)
    browser.raise_request_exception = False

    headings = [
        re.findall("<h1>(.*?)</h1>", browser.get("/breaks/", headers=headers).text)
        for headers in ({"accept-language": "en"}, {"accept-language": "nl-BE"})
    ]

    assert headings == [["Something went wrong"], ["Er ging iets mis"]]


@pytest.mark.urls("magda_portal.tests.test_error_pages")
def test_a_fault_names_the_number_by_which_its_trail_is_found(world: World) -> None:
    browser = world.browser(Visitor.CLERK)
    browser.raise_request_exception = False

    response = browser.get("/breaks/", headers={"x-request-id": "0123456789abcdef"})

    assert "<code>0123456789abcdef</code>" in response.text


def test_a_form_that_holds_too_much_gets_a_page_that_says_so(world: World) -> None:
    too_much = "x" * (portal_settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)

    response = world.browser(Visitor.ADMINISTRATOR).post("/members/", {"email": too_much})

    assert response.status_code == 413
    assert "more than the portal takes at once" in response.text


def test_a_request_that_is_no_good_is_answered_without_the_database(client: Client) -> None:
    """Without the ``db`` fixture every query is an error."""
    response = client.get("/login/", headers={"host": "evil.example", "accept-language": "en"})

    assert response.status_code == 400
    assert "could not be understood" in response.text
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("status", [400, 413, 500, 503, 507])
def test_pages_that_stand_on_nothing_stand_without_static_files_too(
    rf: RequestFactory, settings: Settings, tmp_path: Path, status: int
) -> None:
    manifest = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": manifest}}

    response = plain_page(rf.get("/"), status)

    assert response.status_code == status
    assert "<h1>" in response.text
    assert "stylesheet" not in response.text


def test_a_form_without_its_token_gets_a_page(world: World) -> None:
    response = world.strict_browser(Visitor.CLERK).post("/logout/")

    assert response.status_code == 403
    assert "The form could not be accepted" in response.text
