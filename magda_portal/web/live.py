"""Pages that keep themselves up to date: one view answers for a page and for what moves on it.

A page that stands open asks for its moving part again, and says in the address which version of it
it shows. The answer is 304 when that is still the newest, the part when it is not, and the part
with 286 when nothing will move any more by itself. Who asks without scripts gets the page.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, Final, ParamSpec, TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.safestring import SafeString

P = ParamSpec("P")
Asked = TypeVar("Asked", bound=HttpRequest)
View = Callable[Concatenate[Asked, P], HttpResponse]

VERSION: Final = "version"
"""The name under which an address says what is shown already."""
STOP: Final = 286
"""What htmx takes as "ask no more"; no status of HTTP itself."""
_SHOWN: Final = "portal.shown_version"
# Every form of every answer has its token in another disguise.
_TOKEN: Final = re.compile(r'(name="csrfmiddlewaretoken" value=)"[^"]*"')


@dataclass(frozen=True, slots=True)
class Live:
    """What moves on a page, ready to be shown; ``address`` is where to ask for it again.

    ``rests`` says that it will not change any more by itself.
    """

    part: SafeString
    version: str
    address: str
    rests: bool


def is_live_request(request: HttpRequest) -> bool:
    """Say whether a page asks for a part of itself, and could do nothing with another page."""
    return request.headers.get("HX-Request") == "true"


def live(view: View[Asked, P]) -> View[Asked, P]:
    """Take the version out of the address, so that no link or filter of the page repeats it."""

    @wraps(view)
    def asked(request: Asked, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        query = request.GET.copy()
        request.META[_SHOWN] = query.pop(VERSION, [""])[-1]
        query._mutable = False  # noqa: SLF001 - as Django gave it
        request.GET = query  # type: ignore[assignment]  # a cached property, not yet in the stubs
        return view(request, *args, **kwargs)

    return asked


def show_live(
    request: HttpRequest,
    page: str,
    part: str,
    context: Mapping[str, object],
    *,
    rests: bool = False,
) -> HttpResponse:
    """Answer with ``page``, or with its ``part`` when that alone is asked for, and is newer.

    The view is :func:`live`. ``page`` includes ``_live_page.html``, which shows ``live``.
    """
    html = render_to_string(part, dict(context), request)
    shown = Live(html, version_of(html), _address(request), rests)
    response = _answer(request, page, shown, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def version_of(html: str) -> str:
    """Return what tells one state of a part from every other."""
    told = _TOKEN.sub(r"\1", html)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _answer(
    request: HttpRequest, page: str, shown: Live, context: Mapping[str, object]
) -> HttpResponse:
    if not is_live_request(request):
        return render(request, page, {**context, "live": shown})
    if shown.rests:
        return render(request, "_live.html", {"live": shown}, status=STOP)
    if shown.version == request.META[_SHOWN]:
        return HttpResponseNotModified()
    return render(request, "_live.html", {"live": shown})


def _address(request: HttpRequest) -> str:
    query = request.GET.urlencode()
    return f"{request.path}?{query}" if query else request.path
