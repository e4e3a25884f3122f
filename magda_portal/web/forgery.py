"""Check the token of a form in a view that wants to answer a wrong one by itself.

Django's own answer is a page that has lost what was typed. A view that is ``csrf_exempt`` and
calls :func:`has_valid_token` first can show its form again, with a new token.
"""

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware


def has_valid_token(request: HttpRequest) -> bool:
    """Return whether a request may change anything; a refusal is logged as Django does."""
    check = CsrfViewMiddleware(_nothing)
    check.process_request(request)
    return check.process_view(request, _nothing, (), {}) is None


def _nothing(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()
