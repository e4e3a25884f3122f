"""Destroy an old private key, on a day that somebody sets."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from certificates.advice import advice_on
from certificates.errors import KeyPairError
from certificates.forms import DestructionForm
from certificates.forms.key_pairs import customary_day
from certificates.models import KeyPair
from certificates.queries.requests import open_requests
from certificates.services.key_pairs import destroy_key_pair, is_in_use, set_destruction
from certificates.views.objects import key_pair_of, managed_identity
from magda_portal.audit.services import Actor
from magda_portal.people.access import PersonRequest


@require_http_methods(["GET", "POST"])
def key_pair_destroy(
    request: PersonRequest, identity_id: int, key_pair_id: uuid.UUID
) -> HttpResponse:
    """Show what the key is for (GET), then set the day of its destruction (POST)."""
    identity = managed_identity(request, identity_id)
    key_pair = key_pair_of(identity, key_pair_id)
    form = DestructionForm(request.POST or None, initial={"on": customary_day(timezone.now())})
    if form.is_valid() and _date_set(request, form, key_pair):
        return redirect("identity_show", identity.pk)
    context = {
        "identity": identity,
        "environment": identity.environment,
        "key_pair": key_pair,
        "certificates": key_pair.certificates.all(),
        "requests": key_pair.certificate_requests.all(),
        "open_requests": open_requests(key_pair),
        "in_use": is_in_use(key_pair),
        "form": form,
    }
    return render(request, "certificates/key_pair_destroy.html", context)


@require_POST
def key_pair_spare(
    request: PersonRequest, identity_id: int, key_pair_id: uuid.UUID
) -> HttpResponse:
    """Call the destruction off."""
    identity = managed_identity(request, identity_id)
    key_pair = key_pair_of(identity, key_pair_id)
    try:
        set_destruction(key_pair, None, actor=Actor.person(request.user), now=timezone.now())
    except KeyPairError as error:
        messages.error(request, str(advice_on(error)))
    else:
        messages.success(request, _("The key stays."))
    return redirect("identity_show", identity.pk)


def _date_set(request: PersonRequest, form: DestructionForm, key_pair: KeyPair) -> bool:
    """Destroy the key today or set the day, and say so; or say in the form why it can't be."""
    actor, now = Actor.person(request.user), timezone.now()
    is_today = form.is_today(now)
    try:
        if is_today:
            destroy_key_pair(key_pair, actor=actor, now=now)
        else:
            set_destruction(key_pair, form.moment(), actor=actor, now=now)
    except KeyPairError as error:
        form.advise(error)
        return False
    done = _("The key is destroyed.") if is_today else _("The key will be destroyed on that day.")
    messages.success(request, done)
    return True
