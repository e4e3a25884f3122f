"""Hand out a certificate, and under conditions its private key."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from certificates.errors import CertificateError
from certificates.forms import ExportForm
from certificates.models import Certificate
from certificates.pki import PKIError, make_passphrase
from certificates.services.exports import FileForm, export_certificate, export_pkcs12
from certificates.views.attachments import attachment
from certificates.views.objects import certificate_of, managed_identity, seen_identity
from certificates.views.reauthentication import after_reauthentication
from magda_portal.audit.services import Actor
from magda_portal.people.access import PersonRequest, role_required
from magda_portal.people.models import Role


@require_GET
def certificate_download(
    request: PersonRequest, identity_id: int, certificate_id: int, form: str
) -> HttpResponse:
    """Hand out the certificate, which is public: with its chain as PEM, or alone as DER."""
    identity = seen_identity(request, identity_id)
    certificate = certificate_of(identity, certificate_id)
    if form not in list(FileForm):
        raise Http404
    contents = export_certificate(certificate, FileForm(form), actor=Actor.person(request.user))
    return attachment(contents, name=identity.common_name, ending=f"crt.{form}")


@require_http_methods(["GET", "POST"])
@role_required(Role.ADMINISTRATOR)
@sensitive_post_parameters("passphrase")
@never_cache
def key_pair_export(request: PersonRequest, identity_id: int, certificate_id: int) -> HttpResponse:
    """Show a passphrase (GET), then hand out the PKCS#12 file that it opens (POST)."""
    identity = managed_identity(request, identity_id)
    certificate = certificate_of(identity, certificate_id)
    return _export(request, certificate)


@after_reauthentication
def _export(request: PersonRequest, certificate: Certificate) -> HttpResponse:
    form = ExportForm(request.POST or None, initial={"passphrase": make_passphrase()})
    file = _file(form, certificate, Actor.person(request.user)) if form.is_valid() else None
    if file is not None:
        return attachment(file, name=certificate.identity.common_name, ending="p12")
    context = {
        "identity": certificate.identity,
        "environment": certificate.identity.environment,
        "certificate": certificate,
        "form": form,
    }
    return render(request, "certificates/key_pair_export.html", context)


def _file(form: ExportForm, certificate: Certificate, actor: Actor) -> bytes | None:
    """Return the file, or say in the form why there is none."""
    try:
        return export_pkcs12(certificate, passphrase=form.cleaned_data["passphrase"], actor=actor)
    except (PKIError, CertificateError) as error:
        form.advise(error)
        return None
