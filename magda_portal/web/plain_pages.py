"""Error pages that stand on nothing: no session, no person, no database.

They are in the reader's language as cookie or browser tell it, for whatever knows more of a reader
may be what broke.
"""

from collections.abc import Mapping

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.translation import get_language_from_request, override

_SHEETS = ("vendor/appuniversum-4.4.1.min.css", "css/portal.css")
_TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def plain_page(
    request: HttpRequest, status: int, context: Mapping[str, object] | None = None
) -> HttpResponse:
    """Return the page named after its status; ``context`` is for its template."""
    language = get_language_from_request(request)
    known = {"language": language, "sheets": _sheets(), **(context or {})}
    with override(language):
        page = render_to_string(f"{status}.html", known)
    response = HttpResponse(page, status=status)
    response["Cache-Control"] = "no-store"
    return response


def misunderstood(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that is no good (``handler400``): 413 when it holds too much, else 400."""
    return plain_page(request, 413 if isinstance(exception, _TOO_MUCH) else 400)


def _sheets() -> list[str]:
    """Return the addresses of the style sheets; none when the static files are what is missing."""
    try:
        return [static(sheet) for sheet in _SHEETS]
    except ValueError:
        return []
