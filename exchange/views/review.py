"""Look through the files that were brought, put their names right, and send them."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from exchange.advice import advice_for
from exchange.errors import SubmissionError
from exchange.filenames import shown
from exchange.forms.review import ReviewForm, typed_names
from exchange.queries.uploads import uploads_in
from exchange.services.reviewing import Reviewed, review, send
from exchange.services.submission import Submitter
from exchange.services.uploads import check_again, discard, note_reasons
from exchange.tasks import nudge_delivery
from magda_portal.audit.services import Actor
from magda_portal.people.access import PersonRequest, role_required
from magda_portal.people.models import Role
from magda_portal.web.advice import Advice
from magda_portal.web.forgery import has_valid_token


@csrf_exempt  # checked below, so that a page that is too old keeps what was typed
@require_http_methods(["GET", "POST"])
@role_required(Role.CLERK)
def send_review(request: PersonRequest, parcel: UUID) -> HttpResponse:
    """Show what was brought and what was found in it; act on it."""
    files = _files(request, parcel)
    if request.method != "POST":
        return _page(request, _form(files), files)
    if not has_valid_token(request):
        form = _form(files, request.POST)
        form.errors.clear()
        return _page(request, form, files, status=403, error=advice_for("review.page_too_old"))
    names_changed = _take_names(request.POST, files)
    before, files = files, _files(request, parcel)
    form = _form(files, request.POST, names_changed=names_changed)
    if not request.POST.keys().isdisjoint({"check", "remove"}):
        return _put_right(request, parcel, form)
    if form.has_new_files:
        error = advice_for("review.files_changed")
        return _page(request, form, files, status=422, error=error)
    _refuse_what_is_new(form, before)
    if not form.is_valid():
        return _page(request, form, files, status=422)
    return _send(request, parcel, form)


def _files(request: PersonRequest, parcel: UUID) -> list[Reviewed]:
    files = review(parcel, request.user, now=timezone.now())
    if not files:
        raise Http404
    return files


def _form(
    files: Sequence[Reviewed], data: QueryDict | None = None, *, names_changed: bool = False
) -> ReviewForm:
    environment = files[0].upload.account.environment
    return ReviewForm(data, files=files, environment=environment, names_changed=names_changed)


def _take_names(data: QueryDict, files: Sequence[Reviewed]) -> bool:
    """Check each file again, under the name that was typed; return whether a name changed."""
    going = {row.upload.pk: row.upload for row in files if row.can_go}
    names = typed_names(data, list(going))
    for pk, name in names.items():
        check_again(going[pk], name=name)
    return any(going[pk].name != name for pk, name in names.items())


def _put_right(request: PersonRequest, parcel: UUID, form: ReviewForm) -> HttpResponse:
    """Remove a file if that is asked, and show the page again with what was typed."""
    for row in form.going:
        note_reasons(
            row.upload,
            resend_reason=form.resend_reason(row),
            overrule_reason=form.overrule_reason(row),
        )
    if "remove" in request.POST:
        _remove(request, parcel)
    if not uploads_in(parcel, request.user).exists():
        return redirect("send")
    return redirect("send_review", parcel=parcel)


def _remove(request: PersonRequest, parcel: UUID) -> None:
    uploads = uploads_in(parcel, request.user)
    upload = next((row for row in uploads if str(row.pk) == request.POST["remove"]), None)
    if upload and discard(upload, actor=Actor.person(request.user)):
        messages.success(
            request, _("%(file)s was removed; it is not sent.") % {"file": shown(upload.file_name)}
        )


def _refuse_what_is_new(form: ReviewForm, before: Sequence[Reviewed]) -> None:
    """Refuse a reason that was given before the warnings were seen for which it would count."""
    shown_codes = {row.upload.pk: row.warning_codes for row in before}
    for row in form.going:
        if row.warning_codes - shown_codes.get(row.upload.pk, frozenset()):
            form.refuse_unseen(row)


def _send(request: PersonRequest, parcel: UUID, form: ReviewForm) -> HttpResponse:
    refusals: list[tuple[Reviewed, str]] = []
    submitter = Submitter(Actor.person(request.user), request.user)
    for row in form.going:
        try:
            send(
                row,
                submitter,
                resend_reason=form.resend_reason(row),
                overrule_reason=form.overrule_reason(row),
            )
        except SubmissionError as exc:
            refusals.append((row, exc.code))
    if len(refusals) < len(form.going):
        nudge_delivery(form.going[0].upload.account)
    files = _files(request, parcel)
    if refusals:
        form = _form(files, request.POST)
        form.is_valid()
        for row, code in refusals:
            form.refuse(row, code)
        return _page(request, form, files, status=422)
    return _after_sending(request, parcel, files)


def _after_sending(request: PersonRequest, parcel: UUID, files: Sequence[Reviewed]) -> HttpResponse:
    """Lead to the one case, or to the list of what was sent and what is left."""
    if len(files) == 1 and files[0].transfer is not None:
        return redirect("transfer_show", pk=files[0].transfer.pk)
    return redirect("send_review", parcel=parcel)


def _page(
    request: PersonRequest,
    form: ReviewForm,
    files: Sequence[Reviewed],
    *,
    status: int = 200,
    error: Advice | None = None,
) -> HttpResponse:
    account = files[0].upload.account
    context = {
        "form": form,
        "account": account,
        "environment": account.environment,
        "going": form.going,
        "sent": [row for row in files if row.transfer],
        "error": error,
    }
    return render(request, "exchange/send_review.html", context, status=status)
