"""Pages are known with and without the prefix before their path."""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from magda_portal.web.prefix import below


def says_its_path(environ: WSGIEnvironment, _start: StartResponse) -> Iterable[bytes]:
    return [environ["PATH_INFO"].encode()]


def never_called(*_: object) -> None:  # what WSGI servers give, and nobody needs here
    raise AssertionError


@pytest.mark.parametrize(
    ("asked", "served"),
    [
        ("/magda/login/", "/login/"),
        ("/login/", "/login/"),
        ("/magda/", "/"),
        ("/magda", "/"),
        ("/magdalena/", "/magdalena/"),
        ("/magda/magda/", "/magda/"),
    ],
)
def test_the_prefix_is_taken_off_once(asked: str, served: str) -> None:
    application = below("/magda", says_its_path)

    assert list(application({"PATH_INFO": asked}, never_called)) == [served.encode()]  # type: ignore[arg-type]  # WSGI's callable returns a writer


def test_without_a_prefix_nothing_is_between() -> None:
    assert below("", says_its_path) is says_its_path
