"""Keep uploaded private keys off the disk."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.files.uploadhandler import MemoryFileUploadHandler, TemporaryFileUploadHandler
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from magda_portal.people.access import PersonRequest

P = ParamSpec("P")
View = Callable[Concatenate[PersonRequest, P], HttpResponse]


def uploads_in_memory(view: View[P]) -> View[P]:
    """Read what is posted into memory; only what is too large for a key goes through a file.

    The handlers must be chosen before the body is read, and the CSRF middleware reads it. So the
    view is exempt from the middleware, and the same check runs inside.
    """
    protected = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def reading(request: PersonRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        request.upload_handlers = [
            MemoryFileUploadHandler(request),
            TemporaryFileUploadHandler(request),
        ]
        return protected(request, *args, **kwargs)

    return reading
