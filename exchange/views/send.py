"""Bring request files: they are kept and checked, and then looked through before they leave."""

from dataclasses import dataclass
from typing import BinaryIO, cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import TooManyFilesSent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from exchange.advice import advice_for
from exchange.errors import SubmissionError
from exchange.filenames import as_given, shown
from exchange.forms import SendForm
from exchange.models import Account, Upload
from exchange.queries.uploads import unfinished_uploads, uploads_in, waiting_parcels
from exchange.services.uploads import MAX_FILES, UPLOAD_RETENTION, Parcel, keep_upload
from exchange.storage import payload_store
from magda_portal.people.access import PersonRequest, role_required
from magda_portal.people.models import Role
from magda_portal.web.forgery import has_valid_token
from magda_portal.web.uploads import was_cut_short

# What the form's other fields and the multipart headers may take beside the files.
ENVELOPE_BYTES = 1024**2
_FULL = ("storage.full", "storage.reserved")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that was not kept, by its own name."""

    file_name: str
    code: str


@csrf_exempt  # _receive checks the token; here it would read a body that is far too large
@require_http_methods(["GET", "POST"])
@role_required(Role.CLERK)
def send(request: PersonRequest) -> HttpResponse:
    """Show the form, or keep the files and lead to the page on which they are looked through."""
    if request.method != "POST":
        goes_on = _form_before(request)
        preferred = request.GET.get("account")
        return _page(request, SendForm(person=request.user, preferred=preferred, goes_on=goes_on))
    announced = _announced_length(request)
    if announced > settings.UPLOAD_LIMIT + ENVELOPE_BYTES:
        return _refused(request, "upload.too_large_together", status=413)
    # Twice: as it comes in, and as it is kept.
    if not payload_store().has_room_for(2 * announced):
        return _refused(request, "storage.reserved", status=507)
    try:
        return _receive(request)
    except TooManyFilesSent:
        return _refused(request, "upload.too_many", status=400)


def _form_before(request: HttpRequest) -> UUID | None:
    """Return the id of the form whose files were on their way when the page was loaded again."""
    try:
        return UUID(request.GET.get("form", ""))
    except ValueError:
        return None


def _receive(request: PersonRequest) -> HttpResponse:
    if not has_valid_token(request):
        preferred = request.POST.get("account")
        return _refused(request, "upload.page_too_old", status=403, preferred=preferred)
    # The form's last field: without it the body was cut short, which the web server doesn't tell.
    # A program may send the fields in another order, the file last.
    if "complete" not in request.POST or was_cut_short(request):
        return _refused(request, "upload.incomplete", status=400)
    form = SendForm(request.POST, request.FILES, person=request.user)
    if not form.is_valid():
        return _page(request, form, status=422)
    parcel = Parcel.of_form(
        form.cleaned_data["submission"], form.cleaned_data["account"], request.user
    )
    kept, refusals = _keep(parcel, form)
    if not kept:
        for refusal in refusals:
            form.refuse(refusal.code)
        return _page(request, form, status=_status_of(refusals))
    for refusal in refusals:
        messages.error(
            request,
            _("%(file)s was not kept. %(reason)s")
            % {"file": shown(refusal.file_name), "reason": advice_for(refusal.code)},
        )
    return _kept(request, parcel.id)


def _keep(parcel: Parcel, form: SendForm) -> tuple[int, list[Refusal]]:
    """Keep each file of the form; return how many, and those that were refused."""
    kept, refusals = 0, []
    for file in form.chosen_files:
        name = as_given(getattr(file, "given_name", "") or str(file.name))
        try:
            keep_upload(parcel, name, cast("BinaryIO", file))
        except SubmissionError as exc:
            refusals.append(Refusal(name, exc.code))
        else:
            kept += 1
    return kept, refusals


def _status_of(refusals: list[Refusal]) -> int:
    return 507 if any(refusal.code in _FULL for refusal in refusals) else 422


def _kept(request: HttpRequest, parcel: UUID) -> HttpResponse:
    if _wants_json(request):
        return JsonResponse({"review": reverse("send_review", args=[parcel])}, status=201)
    return redirect("send_review", parcel=parcel)


def _announced_length(request: HttpRequest) -> int:
    length = request.headers.get("Content-Length") or "0"
    return int(length) if length.isascii() and length.isdigit() else 0


def _refused(
    request: PersonRequest, code: str, *, status: int, preferred: str | None = None
) -> HttpResponse:
    """Answer with an empty form: what was sent can't be read, or not in full."""
    advice = advice_for(code)
    if _wants_json(request):
        return JsonResponse({"errors": [str(advice)]}, status=status)
    form = SendForm(person=request.user, preferred=preferred)
    return render(
        request, "exchange/send.html", _context(request, form) | {"error": advice}, status=status
    )


def _page(request: PersonRequest, form: SendForm, *, status: int = 200) -> HttpResponse:
    if _wants_json(request):
        errors = [str(message) for row in form.errors.values() for message in row]
        return JsonResponse({"errors": errors}, status=status)
    return render(request, "exchange/send.html", _context(request, form), status=status)


def _context(request: PersonRequest, form: SendForm) -> dict[str, object]:
    account = form.chosen
    now = timezone.now()
    brought = _brought(request, account)
    told = {upload.parcel for upload in brought}
    return {
        "form": form,
        "environment": account.environment if account else "",
        "limit": settings.UPLOAD_LIMIT,
        "most": MAX_FILES,
        "brought": brought,
        "parcels": [each for each in waiting_parcels(request.user) if each.id not in told],
        "unfinished": unfinished_uploads(request.user, since=now - UPLOAD_RETENTION)[:MAX_FILES],
    }


def _brought(request: PersonRequest, account: Account | None) -> list[Upload]:
    """Return what waits of the same form, from before its page was loaded again."""
    form = _form_before(request)
    if form is None or account is None:
        return []
    whole = uploads_in(Parcel.of_form(form, account, request.user).id, request.user)
    return list(whole.filter(state=Upload.State.WAITING))


def _wants_json(request: HttpRequest) -> bool:
    """Say whether a program asks, which reads the answer: the page's own, file by file."""
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"
