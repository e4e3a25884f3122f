"""The certificates of an organisation, and one client identity with all of its own."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from certificates.forms import OrganisationFilter
from certificates.queries import chain_of, identities_visible_to
from certificates.views.validity import validity_of
from magda_portal.audit.queries import events_for
from magda_portal.people.access import PersonRequest, has_role
from magda_portal.people.models import Role

MOST_EVENTS = 50


@require_GET
def certificates(request: PersonRequest) -> HttpResponse:
    """List every identity with the days its certificate has left, the most urgent first."""
    now = timezone.now()
    organisation_filter = OrganisationFilter(request.GET, person=request.user)
    identities = identities_visible_to(request.user).order_by("current__not_after", "common_name")
    organisation = organisation_filter.chosen()
    if organisation is not None:
        identities = identities.filter(organisation=organisation)
    context = {
        "rows": [(identity, validity_of(identity.current, now)) for identity in identities],
        "filter": organisation_filter,
    }
    return render(request, "certificates/certificates.html", context)


@require_GET
def identity_show(request: PersonRequest, identity_id: int) -> HttpResponse:
    """Show one identity: its certificates, their chain, and what happened to them."""
    identity = get_object_or_404(identities_visible_to(request.user), pk=identity_id)
    now = timezone.now()
    history = identity.certificates.select_related("key_pair").order_by("-not_after")
    context = {
        "identity": identity,
        "rows": [(certificate, validity_of(certificate, now)) for certificate in history],
        "chain": chain_of(identity.current) if identity.current else [],
        "events": events_for(identity).order_by("-id")[:MOST_EVENTS],
        "may_manage": has_role(
            request.user, Role.ADMINISTRATOR, organisation_id=identity.organisation_id
        ),
    }
    return render(request, "certificates/identity_show.html", context)
