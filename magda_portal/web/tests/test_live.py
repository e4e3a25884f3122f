"""What tells one state of a page from another, and the address without it."""

from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from magda_portal.web.live import is_live_request, live, version_of

TOKEN = '<input type="hidden" name="csrfmiddlewaretoken" value="{}">'


def test_a_token_in_another_disguise_is_no_change() -> None:
    assert version_of(TOKEN.format("a") + "x") == version_of(TOKEN.format("b") + "x")


def test_every_other_difference_is_a_change() -> None:
    assert version_of("delivered") != version_of("answered")
    assert version_of('<input name="name" value="a">') != version_of(
        '<input name="name" value="b">'
    )


def test_the_version_stands_in_no_link_of_the_page() -> None:
    @live
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(request.GET.urlencode())

    request = RequestFactory().get("/", {"state": "failed", "version": "abc"})

    assert view(request).text == "state=failed"


def test_only_a_page_that_says_so_asks_for_a_part() -> None:
    ask = RequestFactory()

    assert is_live_request(ask.get("/", headers={"HX-Request": "true"}))
    assert not is_live_request(ask.get("/"))
