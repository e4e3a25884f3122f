"""Uploads that go on where they broke off: tus 1.0.0, with creation, termination and expiration.

https://tus.io/protocols/resumable-upload. Every address is behind the login and Django's check of
forged requests, as a form is: a program of the page sends the page's token in ``X-CSRFToken``.
"""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Concatenate, Final, ParamSpec
from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from exchange.advice import advice_for
from exchange.errors import SubmissionError
from exchange.models import Upload
from exchange.queries import accounts_to_send_with
from exchange.queries.uploads import own_uploads
from exchange.services.appending import append
from exchange.services.resumable import begin, expires_at, require_unexpired, settled
from exchange.services.uploads import Parcel, bring_along, discard
from exchange.views.upload_headers import (
    announced_in,
    form_in,
    metadata_in,
    metadata_of,
    number_in,
)
from magda_portal.audit.services import Actor
from magda_portal.people.access import PersonRequest, role_required
from magda_portal.people.models import Role

P = ParamSpec("P")
View = Callable[Concatenate[PersonRequest, P], HttpResponse]

VERSION: Final = "1.0.0"
_EXTENSIONS: Final = "creation,termination,expiration"
_PART: Final = "application/offset+octet-stream"
# Small, so that little is lost of a piece in which the connection breaks.
_PIECE: Final = 256 * 1024
_STATUSES: Final = {
    "upload.offset": 409,
    "upload.gone": 410,
    "upload.too_large": 413,
    "upload.overrun": 413,
    "upload.busy": 423,
    "storage.full": 507,
    "storage.reserved": 507,
}
_REFUSED: Final = 422


def _speaks_tus(view: View[P]) -> View[P]:
    """Let only requests of the protocol's version in, and put refusals into its answers."""

    @wraps(view)
    def answered(request: PersonRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != VERSION:
            response = HttpResponse(status=412, headers={"Tus-Version": VERSION})
        else:
            try:
                response = view(request, *args, **kwargs)
            except SubmissionError as exc:
                response = _refusal(exc.code)
        response["Tus-Resumable"] = VERSION
        return response

    return answered


def _refusal(code: str) -> HttpResponse:
    errors = [str(advice_for(code))]
    if code == "upload.too_large":
        limit = filesizeformat(settings.UPLOAD_LIMIT)
        errors.append(_("A file may have %(limit)s at most.") % {"limit": limit})
    return JsonResponse({"errors": errors}, status=_STATUSES.get(code, _REFUSED))


@require_http_methods(["OPTIONS", "POST"])
@role_required(Role.CLERK)
@_speaks_tus
def upload_begin(request: PersonRequest) -> HttpResponse:
    """Say what this end can do, or begin an upload."""
    if request.method == "OPTIONS":
        return _abilities()
    metadata = metadata_in(request)
    accounts = accounts_to_send_with(request.user)
    account = get_object_or_404(accounts, pk=metadata.account)
    parcel = Parcel.of_form(form_in(request) or uuid4(), account, request.user)
    upload = begin(parcel, announced_in(request, metadata))
    location = reverse("upload_continue", args=[upload.pk])
    return HttpResponse(status=201, headers={"Location": location, **_expiry(upload)})


@require_http_methods(["OPTIONS", "HEAD", "PATCH", "DELETE", "POST"])
@role_required(Role.CLERK)
@_speaks_tus
def upload_continue(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Say how much of an upload is here, take more of it, or remove it."""
    act = _ACTS.get(_method(request))
    upload = get_object_or_404(own_uploads(request.user), pk=pk)
    if act is None:
        return HttpResponse(status=405, headers={"Allow": ", ".join(_ACTS)})
    require_unexpired(upload, now=timezone.now())
    return act(request, upload)


def _method(request: HttpRequest) -> str:
    """Return what is meant: some networks let nothing pass but GET and POST."""
    method = str(request.method)
    return request.headers.get("X-HTTP-Method-Override", method) if method == "POST" else method


def _tell(request: PersonRequest, upload: Upload) -> HttpResponse:
    """Say where it stands; one that became whole meanwhile comes along to the form that asks.

    No other site can make a browser ask so: it can not give a request these headers.
    """
    upload = settled(upload)
    if parcel := _parcel_of(request, upload):
        upload = bring_along(upload, parcel)
    told = {"Upload-Length": str(upload.length), "Upload-Metadata": metadata_of(upload)}
    return HttpResponse(headers={**told, **_standing(upload)})


def _take(request: PersonRequest, upload: Upload) -> HttpResponse:
    """Keep a part; the pieces are read as they come, never all of them into memory."""
    if request.headers.get("Content-Type") != _PART:
        return HttpResponse(status=415)
    upload = append(
        upload,
        _pieces(request),
        offset=number_in(request, "Upload-Offset"),
        size=number_in(request, "Content-Length"),
        parcel=_parcel_of(request, upload),
    )
    return HttpResponse(status=204, headers=_standing(upload))


def _parcel_of(request: PersonRequest, upload: Upload) -> Parcel | None:
    form = form_in(request)
    return Parcel.of_form(form, upload.account, request.user) if form else None


def _remove(request: PersonRequest, upload: Upload) -> HttpResponse:
    if not discard(upload, actor=Actor.person(request.user)):
        raise SubmissionError("upload.gone")
    return HttpResponse(status=204)


def _abilities(*_: object) -> HttpResponse:
    return HttpResponse(
        status=204,
        headers={
            "Tus-Version": VERSION,
            "Tus-Extension": _EXTENSIONS,
            "Tus-Max-Size": str(settings.UPLOAD_LIMIT),
        },
    )


_ACTS: Final[dict[str, Callable[[PersonRequest, Upload], HttpResponse]]] = {
    "OPTIONS": _abilities,
    "HEAD": _tell,
    "PATCH": _take,
    "DELETE": _remove,
}


def _pieces(request: HttpRequest) -> Iterator[bytes]:
    """Read what comes, until its end or until the connection breaks."""
    try:
        while piece := request.read(_PIECE):
            yield piece
    except UnreadablePostError:
        return


def _standing(upload: Upload) -> dict[str, str]:
    """Return the headers that say where an upload stands, and where a whole one is looked at."""
    standing = {"Upload-Offset": str(upload.received), **_expiry(upload)}
    if upload.state != Upload.State.RECEIVING:
        standing["Upload-Review"] = reverse("send_review", args=[upload.parcel])
    return standing


def _expiry(upload: Upload) -> dict[str, str]:
    return {"Upload-Expires": http_date(expires_at(upload).timestamp())}
