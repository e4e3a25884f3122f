"""The servers that accounts connect to: what they showed, and what people say about it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from certificates.errors import CertificateError
from certificates.forms.watch import AddressesForm, TrustShownForm
from certificates.models import WatchedServer
from certificates.queries.servers import (
    alarms_by_sighting,
    alarms_visible_to,
    expected_addresses,
    latest_sightings,
    servers_visible_to,
    sightings_visible_to,
    users_managed_by,
)
from certificates.services.first_contact import shown_path, trust_shown
from certificates.services.watch import acknowledge, expect_addresses
from certificates.views.server_rows import (
    chain_rows,
    judged_now,
    organisation_rows,
    server_row,
    sighting_row,
)
from magda_portal.audit.services import Actor
from magda_portal.people.access import PersonRequest, organisations_seen_by
from magda_portal.people.models import Organisation

MOST_SIGHTINGS = 50


@require_GET
def servers(request: PersonRequest) -> HttpResponse:
    """List the servers with what they showed last, from columns alone."""
    now = timezone.now()
    found = list(servers_visible_to(request.user))
    latest = latest_sightings(found)
    alarms = alarms_by_sighting(request.user, latest.values())
    rows = [server_row(server, latest.get(server.pk), alarms, now) for server in found]
    return render(request, "certificates/servers.html", {"rows": rows})


@require_GET
def server_show(request: PersonRequest, server_id: int) -> HttpResponse:
    """Show what a server shows, what that means to whom, and what it showed before."""
    server = get_object_or_404(servers_visible_to(request.user), pk=server_id)
    now = timezone.now()
    sightings = list(server.sightings.all()[:MOST_SIGHTINGS])
    latest = sightings[0] if sightings else None
    alarms = alarms_by_sighting(request.user, sightings)
    row = server_row(server, latest, alarms, now)
    organisations = organisation_rows(request, server, latest, now)
    context = {
        "row": row,
        "environment": server.environment,
        "seen_now": judged_now(row.seen, organisations),
        "latest": latest,
        "chain": chain_rows(latest),
        "organisations": organisations,
        "history": [sighting_row(sighting, alarms.get(sighting.pk, [])) for sighting in sightings],
        "may_manage": users_managed_by(request.user, server).exists(),
    }
    return render(request, "certificates/server_show.html", context)


@require_http_methods(["GET", "POST"])
def server_addresses(request: PersonRequest, server_id: int, organisation_id: int) -> HttpResponse:
    """Let an administrator say to which addresses the name should lead, for one organisation."""
    server = get_object_or_404(servers_visible_to(request.user), pk=server_id)
    users = organisations_seen_by(request.user).filter(watched_servers=server)
    organisation = get_object_or_404(users, pk=organisation_id)
    _require_manager(request, server, organisation)
    initial = {"addresses": "\n".join(expected_addresses(server)[organisation.pk])}
    form = AddressesForm(request.POST or None, initial=initial)
    if form.is_valid() and _addresses_changed(request, form, server, organisation):
        return redirect("server_show", server.pk)
    context = {
        "form": form,
        "server": server,
        "environment": server.environment,
        "organisation": organisation,
    }
    return render(request, "certificates/server_addresses.html", context)


@require_POST
def server_alarm_acknowledge(request: PersonRequest, alarm_id: int) -> HttpResponse:
    alarm = get_object_or_404(alarms_visible_to(request.user), pk=alarm_id)
    server = alarm.sighting.server
    _require_manager(request, server, alarm.organisation)
    if acknowledge(alarm, actor=Actor.person(request.user), now=timezone.now()):
        messages.success(request, _("The alarm is acknowledged."))
    return redirect("server_show", server.pk)


@require_http_methods(["GET", "POST"])
def sighting_trust(request: PersonRequest, sighting_id: int) -> HttpResponse:
    """Let an administrator trust what was shown, after comparing the fingerprint."""
    sighting = get_object_or_404(sightings_visible_to(request.user), pk=sighting_id)
    managed = users_managed_by(request.user, sighting.server)
    if not managed.exists():
        raise PermissionDenied
    form = TrustShownForm(
        request.POST or None,
        organisations=managed,
        path=shown_path(sighting),
        now=timezone.now(),
    )
    if form.is_valid() and _trusted(request, form, sighting.server):
        return redirect("server_show", sighting.server_id)
    context = {
        "form": form,
        "sighting": sighting,
        "server": sighting.server,
        "environment": sighting.server.environment,
    }
    return render(request, "certificates/sighting_trust.html", context)


def _addresses_changed(
    request: PersonRequest, form: AddressesForm, server: WatchedServer, organisation: Organisation
) -> bool:
    """Change them and say so, or say in the form why it can't be."""
    try:
        expect_addresses(
            server,
            form.expected(),
            organisation=organisation,
            actor=Actor.person(request.user),
            now=timezone.now(),
        )
    except CertificateError as error:
        form.advise(error)
        return False
    messages.success(request, _("The expected addresses are kept; the server is looked at soon."))
    return True


def _trusted(request: PersonRequest, form: TrustShownForm, server: WatchedServer) -> bool:
    """Trust what was chosen and say so, or say in the form why it can't be."""
    try:
        trust_shown(
            form.chosen(),
            server=server,
            organisation=form.cleaned_data["organisation"],
            fingerprint=form.cleaned_data["fingerprint"],
            actor=Actor.person(request.user),
            now=timezone.now(),
        )
    except CertificateError as error:
        form.advise(error)
        return False
    messages.success(request, _("The certificate is trusted; the server is looked at soon."))
    return True


def _require_manager(
    request: PersonRequest, server: WatchedServer, organisation: Organisation
) -> None:
    """Raise PermissionDenied unless the person administers the organisation, which uses it."""
    if not users_managed_by(request.user, server).filter(pk=organisation.pk).exists():
        raise PermissionDenied
