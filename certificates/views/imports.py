"""Import a certificate with its private key."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from certificates.errors import CertificateError
from certificates.forms import ImportForm
from certificates.models import ClientIdentity
from certificates.pki import PKIError
from certificates.queries import identities_visible_to
from certificates.services.imports import import_certificate
from certificates.views.private_uploads import uploads_in_memory
from magda_portal.audit.services import Actor
from magda_portal.people.access import PersonRequest, has_role, role_required
from magda_portal.people.models import Role


@require_http_methods(["GET", "POST"])
@role_required(Role.ADMINISTRATOR)
@uploads_in_memory
def certificate_import(request: PersonRequest, identity_id: int) -> HttpResponse:
    identity = get_object_or_404(identities_visible_to(request.user), pk=identity_id)
    if not has_role(request.user, Role.ADMINISTRATOR, organisation_id=identity.organisation_id):
        raise PermissionDenied
    form = ImportForm(request.POST or None, request.FILES or None)
    if form.is_valid() and _imported(request, form, identity):
        return redirect("identity_show", identity.pk)
    return render(request, "certificates/import.html", {"form": form, "identity": identity})


def _imported(request: PersonRequest, form: ImportForm, identity: ClientIdentity) -> bool:
    """Import what the form holds and say so, or say in the form why it can't be."""
    try:
        certificate = import_certificate(
            identity, form.bundle(), actor=Actor.person(request.user), at=timezone.now()
        )
    except (PKIError, CertificateError) as error:
        form.advise(error)
        return False
    if identity.current_id == certificate.pk:
        messages.success(request, _("The certificate is in use."))
    elif identity.next_id == certificate.pk:
        messages.success(request, _("The certificate is kept until its period begins."))
    else:
        messages.info(request, _("The certificate was here already; nothing changed."))
    return True
