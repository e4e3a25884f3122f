"""Import a certificate with its private key, and say what became of it."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from certificates.advice import advice_for
from certificates.errors import CertificateCode, CertificateError
from certificates.forms import ImportForm
from certificates.models import Certificate, ClientIdentity
from certificates.pki import PKIError
from certificates.services.imports import CLOCK_DIFFERENCE, import_upload
from certificates.services.relay import Plan
from certificates.services.uploads import old_encryption
from certificates.views.objects import managed_identity
from certificates.views.outcomes import say_place
from certificates.views.private_uploads import uploads_in_memory
from magda_portal.audit.services import Actor
from magda_portal.people.access import PersonRequest, role_required
from magda_portal.people.models import Role


@require_http_methods(["GET", "POST"])
@role_required(Role.ADMINISTRATOR)
@uploads_in_memory
@sensitive_post_parameters("passphrase")
def certificate_import(request: PersonRequest, identity_id: int) -> HttpResponse:
    identity = managed_identity(request, identity_id)
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and "complete" not in request.POST:
        # The form's last field: without it the body was cut short, which no web server tells.
        messages.error(request, str(advice_for(CertificateCode.UPLOAD_CUT)))
        return _page(request, ImportForm(), identity, status=400)
    if form.is_valid() and _imported(request, form, identity):
        return redirect("identity_show", identity.pk)
    return _page(request, form, identity)


def _page(
    request: PersonRequest, form: ImportForm, identity: ClientIdentity, *, status: int = 200
) -> HttpResponse:
    context = {"form": form, "identity": identity, "environment": identity.environment}
    return render(request, "certificates/import.html", context, status=status)


def _imported(request: PersonRequest, form: ImportForm, identity: ClientIdentity) -> bool:
    """Import what the form holds and say so, or say in the form why it can't be."""
    now = timezone.now()
    before = Plan.of(identity)
    known = dict(identity.certificates.values_list("pk", "chain_pem"))
    file = form.file_contents()
    try:
        certificate = import_upload(
            identity,
            file,
            key=form.key_contents(),
            passphrase=form.cleaned_data["passphrase"],
            actor=Actor.person(request.user),
            at=now,
        )
    except (PKIError, CertificateError) as error:
        form.advise(error)
        return False
    if certificate.pk in known:
        is_new = certificate.chain_pem != known[certificate.pk]
        messages.info(
            request,
            _("This certificate was here already; the issuers above it are new, and kept.")
            if is_new
            else _("This certificate was here already."),
        )
    say_place(request, identity, certificate, before=before, now=now)
    for remark in (_clock_remark(certificate, now), _encryption_remark(file)):
        if remark:
            messages.info(request, remark)
    return True


def _clock_remark(certificate: Certificate, now: datetime) -> str:
    """Say that clocks differ when a period begins within minutes; else nothing."""
    wait = certificate.not_before - now
    if not 0 < wait.total_seconds() <= CLOCK_DIFFERENCE.total_seconds():
        return ""
    minutes = -(-int(wait.total_seconds()) // 60)
    return ngettext(
        "Its period begins in %(minutes)d minute: the issuer's clock is probably ahead of this "
        "server's. Let the administrator of the server check its clock.",
        "Its period begins in %(minutes)d minutes: the issuer's clock is probably ahead of this "
        "server's. Let the administrator of the server check its clock.",
        minutes,
    ) % {"minutes": minutes}


def _encryption_remark(file: bytes) -> str:
    """Say that a file was encrypted in an old way, and what that did elsewhere; else nothing."""
    facts = old_encryption(file)
    if facts is None:
        return ""
    algorithms = ", ".join(facts.algorithms)
    kept = _(
        "The file was encrypted with %(algorithms)s, which is out of date. The portal keeps the "
        "key under AES-256, and exports it so."
    ) % {"algorithms": algorithms}
    if not facts.needs_legacy_provider:
        return kept
    cause = _(
        "The message “digital envelope routines::unsupported” that curl, WinSCP and others with "
        "OpenSSL 3 show comes from such a file; a new export from here opens there too."
    )
    return f"{kept} {cause}"
