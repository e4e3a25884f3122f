"""Switch an identity from one certificate to the next."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from certificates.advice import advice_on
from certificates.errors import CertificateError
from certificates.forms import SwitchForm
from certificates.models import ClientIdentity
from certificates.queries.chains import path_above
from certificates.services import relay
from certificates.views.objects import managed_identity
from magda_portal.audit.services import Actor
from magda_portal.people.access import PersonRequest


@require_http_methods(["GET", "POST"])
def certificate_activate(request: PersonRequest, identity_id: int) -> HttpResponse:
    """Say what changes (GET), then switch (POST)."""
    identity = managed_identity(request, identity_id)
    if request.method == "POST":
        return _activate(request, identity)
    return _render(request, "certificates/certificate_activate.html", identity)


def _activate(request: PersonRequest, identity: ClientIdentity) -> HttpResponse:
    try:
        relay.activate_next(identity, actor=Actor.person(request.user), now=timezone.now())
    except CertificateError as error:
        messages.error(request, str(advice_on(error)))
    else:
        messages.success(
            request,
            _("The certificate is in use. The next connection shows it to the server."),
        )
    return redirect("identity_show", identity.pk)


@require_http_methods(["GET", "POST"])
def switch_plan(request: PersonRequest, identity_id: int) -> HttpResponse:
    """Set the moment of the switch."""
    identity = managed_identity(request, identity_id)
    form = SwitchForm(request.POST or None, initial={"at": _proposal(identity)})
    if form.is_valid():
        try:
            relay.plan_switch(
                identity, form.moment(), actor=Actor.person(request.user), now=timezone.now()
            )
        except CertificateError as error:
            form.advise(error)
        else:
            messages.success(request, _("The switch is planned."))
            return redirect("identity_show", identity.pk)
    return _render(request, "certificates/switch_plan.html", identity, form=form)


@require_POST
def switch_cancel(request: PersonRequest, identity_id: int) -> HttpResponse:
    identity = managed_identity(request, identity_id)
    relay.cancel_switch(identity, actor=Actor.person(request.user))
    messages.success(request, _("No switch is planned any more."))
    return redirect("identity_show", identity.pk)


@require_http_methods(["GET", "POST"])
def next_discard(request: PersonRequest, identity_id: int) -> HttpResponse:
    """Ask first (GET), then lay the next certificate aside (POST)."""
    identity = managed_identity(request, identity_id)
    if request.method == "POST":
        relay.discard_next(identity, actor=Actor.person(request.user))
        messages.success(request, _("The next certificate is laid aside."))
        return redirect("identity_show", identity.pk)
    return _render(request, "certificates/next_discard.html", identity)


def _proposal(identity: ClientIdentity) -> datetime | None:
    """Return the moment set before, or the first whole minute of a period that has yet to begin."""
    following = identity.next
    if identity.activate_next_at is not None or following is None:
        return identity.activate_next_at
    if following.not_before <= timezone.now():
        return None
    begin = following.not_before
    return begin if not begin.second else begin.replace(second=0) + timedelta(minutes=1)


def _render(
    request: PersonRequest, template: str, identity: ClientIdentity, **further: object
) -> HttpResponse:
    """Show a page about the next certificate; without one there is nothing to decide."""
    if identity.next is None:
        messages.info(request, _("There is no next certificate. Import one first."))
        return redirect("identity_show", identity.pk)
    context = {
        "identity": identity,
        "environment": identity.environment,
        "test": identity.next.login_tests.first(),
        "path": path_above(identity.next, at=timezone.now()),
    }
    return render(request, template, context | further)
