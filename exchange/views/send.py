"""Send a request file."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from exchange.advice import advice_for
from exchange.errors import SubmissionError
from exchange.forms import SendForm
from exchange.models import Transfer
from exchange.queries import behind_refusal
from exchange.services.submission import Draft, Submitter, submit
from exchange.storage import payload_store
from exchange.tasks import nudge_delivery
from magda_portal.audit.services import Actor
from magda_portal.people.access import PersonRequest, role_required
from magda_portal.people.models import Role
from magda_portal.web.uploads import was_cut_short

# What the form's other fields and the multipart headers may take beside the file.
ENVELOPE_BYTES = 1024**2


@csrf_exempt  # _send checks the token; checking it here would read a body that is far too large
@require_http_methods(["GET", "POST"])
@role_required(Role.CLERK)
def send(request: PersonRequest) -> HttpResponse:
    """Show the form, or accept a file; a second click on it lands on the first's transfer."""
    announced = _announced_length(request)
    if announced > settings.UPLOAD_LIMIT + ENVELOPE_BYTES:
        return _refused(request, "upload.too_large", status=413)
    # Twice: as it comes in, and as it is kept.
    if request.method == "POST" and not payload_store().has_room_for(2 * announced):
        return _refused(request, "storage.reserved", status=507)
    return _send(request)


@csrf_protect
def _send(request: PersonRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, SendForm(person=request.user))
    # The form's last field: without it the body was cut short, which the web server doesn't tell.
    # A program may send the fields in another order, the file last.
    if "complete" not in request.POST or was_cut_short(request):
        return _refused(request, "upload.incomplete", status=400)
    form = SendForm(request.POST, request.FILES, person=request.user)
    status, other = 422, None
    if form.is_valid():
        draft = _draft(request, form)
        try:
            transfer = submit(draft, content=form.content)
        except SubmissionError as exc:
            other = behind_refusal(exc.code, account=draft.account, name=draft.name)
            form.refuse(exc.code)
            status = 507 if exc.code == "storage.full" else status
        else:
            nudge_delivery(transfer.account)
            return redirect("transfer_show", pk=transfer.pk)
    return _page(request, form, status=status, other=other)


def _draft(request: PersonRequest, form: SendForm) -> Draft:
    return Draft(
        account=form.cleaned_data["account"],
        name=form.final_name,
        submitter=Submitter(Actor.person(request.user), request.user),
        submission=form.cleaned_data["submission"],
        resend_reason=form.cleaned_data["resend_reason"],
    )


def _announced_length(request: HttpRequest) -> int:
    length = request.headers.get("Content-Length") or "0"
    return int(length) if length.isascii() and length.isdigit() else 0


def _refused(request: PersonRequest, code: str, *, status: int) -> HttpResponse:
    """Answer with an empty form: what was sent can't be read, or not in full."""
    context = {"form": SendForm(person=request.user), "error": advice_for(code)}
    return render(request, "exchange/send.html", context, status=status)


def _page(
    request: PersonRequest, form: SendForm, *, status: int = 200, other: Transfer | None = None
) -> HttpResponse:
    """Show the form; ``other`` is the transfer that has the name already."""
    context = {"form": form, "other": other}
    return render(request, "exchange/send.html", context, status=status)
