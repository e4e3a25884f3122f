"""Make a key with a certificate request, and hand the request out."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from certificates.errors import CertificateError
from certificates.forms import RequestForm
from certificates.models import CertificateRequest, ClientIdentity
from certificates.pki import PKIError
from certificates.services.exports import FileForm
from certificates.services.requests import (
    request_with_kept_key,
    request_with_new_key,
    take_request,
)
from certificates.views.attachments import attachment
from certificates.views.objects import managed_identity, manages, request_of, seen_identity
from magda_portal.audit.services import Actor
from magda_portal.people.access import PersonRequest


@require_http_methods(["GET", "POST"])
def request_make(request: PersonRequest, identity_id: int) -> HttpResponse:
    """Make a request, with a new key or with one that is kept here."""
    identity = managed_identity(request, identity_id)
    form = RequestForm(
        request.POST or None,
        identity=identity,
        initial={"organisation": identity.organisation.name[:64], "key": request.GET.get("key")},
    )
    if form.is_valid():
        made = _made(request, form, identity)
        if made is not None:
            return redirect("request_show", identity.pk, made.pk)
    context = {"form": form, "identity": identity, "environment": identity.environment}
    return render(request, "certificates/request_make.html", context)


@require_GET
def request_show(request: PersonRequest, identity_id: int, request_id: int) -> HttpResponse:
    """Show a request and the way from it to a certificate."""
    identity = seen_identity(request, identity_id)
    made = request_of(identity, request_id)
    context = {
        "identity": identity,
        "environment": identity.environment,
        "made": made,
        "key_pair": made.key_pair,
        "certificates": made.key_pair.certificates.order_by("-not_after"),
        "may_manage": manages(request, identity),
    }
    return render(request, "certificates/request_show.html", context)


@require_GET
def request_download(
    request: PersonRequest, identity_id: int, request_id: int, form: str
) -> HttpResponse:
    """Hand the request out, as PEM or DER; the trail notes who took it."""
    identity = managed_identity(request, identity_id)
    made = request_of(identity, request_id)
    if form not in list(FileForm):
        raise Http404
    contents = take_request(made, FileForm(form), actor=Actor.person(request.user))
    return attachment(contents, name=identity.common_name, ending=f"csr.{form}")


def _made(
    request: PersonRequest, form: RequestForm, identity: ClientIdentity
) -> CertificateRequest | None:
    """Make what the form asks for and say so, or say in the form why it can't be."""
    key_pair = form.kept_key()
    had_its_day_set = key_pair is not None and key_pair.destroy_at is not None
    actor, subject = Actor.person(request.user), form.subject(identity)
    try:
        if key_pair is None:
            made = request_with_new_key(identity, form.key_kind(), subject=subject, actor=actor)
        else:
            made = request_with_kept_key(identity, key_pair, subject=subject, actor=actor)
    except (PKIError, CertificateError) as error:
        form.advise(error)
        return None
    messages.success(request, _("The request is made. Its key stays here, encrypted."))
    if had_its_day_set:
        messages.warning(request, _("The key is no longer to be destroyed."))
    return made
