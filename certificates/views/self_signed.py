"""Make a self-signed client certificate."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from certificates.errors import CertificateError
from certificates.forms import SelfSignedForm
from certificates.models import ClientIdentity
from certificates.pki import PKIError
from certificates.services.relay import Plan
from certificates.services.self_signed import make_self_signed
from certificates.views.objects import managed_identity
from certificates.views.outcomes import say_place
from magda_portal.audit.services import Actor
from magda_portal.people.access import PersonRequest


@require_http_methods(["GET", "POST"])
def self_signed_make(request: PersonRequest, identity_id: int) -> HttpResponse:
    identity = managed_identity(request, identity_id)
    form = SelfSignedForm(
        request.POST or None, initial={"organisation": identity.organisation.name[:64]}
    )
    if form.is_valid() and _made(request, form, identity):
        return redirect("identity_show", identity.pk)
    context = {"form": form, "identity": identity, "environment": identity.environment}
    return render(request, "certificates/self_signed_make.html", context)


def _made(request: PersonRequest, form: SelfSignedForm, identity: ClientIdentity) -> bool:
    """Make the certificate and say so, or say in the form why it can't be."""
    now = timezone.now()
    before = Plan.of(identity)
    try:
        certificate = make_self_signed(
            identity,
            form.key_kind(),
            subject=form.subject(identity),
            days=form.cleaned_data["days"],
            actor=Actor.person(request.user),
            now=now,
        )
    except (PKIError, CertificateError) as error:
        form.advise(error)
        return False
    messages.success(request, _("The certificate is made."))
    say_place(request, identity, certificate, before=before, now=now)
    return True
