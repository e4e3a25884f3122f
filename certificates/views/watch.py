"""The servers that accounts connect to: what they showed, and what people say about it."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from certificates.advice import advice_for
from certificates.errors import CertificateError
from certificates.forms.watch import AddressesForm, TrustShownForm
from certificates.models import ServerSighting, WatchedServer
from certificates.pki import CertificateInfo, describe, load_certificates
from certificates.queries.servers import (
    latest_sightings,
    servers_visible_to,
    sightings_visible_to,
    users_managed_by,
)
from certificates.services.first_contact import shown_path, trust_shown
from certificates.services.watch import Verdict, acknowledge, expect_addresses, verdicts_on
from certificates.views.validity import Validity, validity_between
from magda_portal.audit.services import Actor
from magda_portal.people.access import PersonRequest, organisations_seen_by
from magda_portal.web.advice import Advice

MOST_SIGHTINGS = 50


@dataclass(frozen=True, slots=True)
class SightingRow:
    """A sighting with the words for it."""

    sighting: ServerSighting
    state: Validity
    """How alarming it is."""
    advice: Advice


@dataclass(frozen=True, slots=True)
class ServerRow:
    """A server with what it showed last, if it ever did."""

    server: WatchedServer
    seen: SightingRow | None
    validity: Validity | None
    error: Advice | None


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """What a server means to one organisation."""

    verdict: Verdict
    advice: Advice | None


@require_GET
def servers(request: PersonRequest) -> HttpResponse:
    """List the servers with what they showed last, from columns alone."""
    now = timezone.now()
    found = list(servers_visible_to(request.user))
    latest = latest_sightings(found)
    rows = [_row(server, latest.get(server.pk), now) for server in found]
    return render(request, "certificates/servers.html", {"rows": rows})


@require_GET
def server_show(request: PersonRequest, server_id: int) -> HttpResponse:
    """Show what a server shows, what that means to whom, and what it showed before."""
    server = get_object_or_404(servers_visible_to(request.user), pk=server_id)
    now = timezone.now()
    sightings = list(server.sightings.all()[:MOST_SIGHTINGS])
    latest = sightings[0] if sightings else None
    context = {
        "row": _row(server, latest, now),
        "latest": latest,
        "chain": _chain(latest),
        "organisations": _organisation_rows(request, server, latest, now),
        "history": [_sighting_row(sighting) for sighting in sightings],
        "may_manage": users_managed_by(request.user, server).exists(),
    }
    return render(request, "certificates/server_show.html", context)


@require_http_methods(["GET", "POST"])
def server_addresses(request: PersonRequest, server_id: int) -> HttpResponse:
    """Let an administrator say to which addresses the server's name should lead."""
    server = get_object_or_404(servers_visible_to(request.user), pk=server_id)
    _require_manager(request, server)
    initial = {"addresses": "\n".join(server.expected_addresses)}
    form = AddressesForm(request.POST or None, initial=initial)
    if form.is_valid() and _addresses_changed(request, form, server):
        return redirect("server_show", server.pk)
    context = {"form": form, "server": server}
    return render(request, "certificates/server_addresses.html", context)


@require_POST
def sighting_acknowledge(request: PersonRequest, sighting_id: int) -> HttpResponse:
    sighting = get_object_or_404(sightings_visible_to(request.user), pk=sighting_id)
    _require_manager(request, sighting.server)
    if acknowledge(sighting, actor=Actor.person(request.user), now=timezone.now()):
        messages.success(request, _("The alarm is acknowledged."))
    return redirect("server_show", sighting.server_id)


@require_http_methods(["GET", "POST"])
def sighting_trust(request: PersonRequest, sighting_id: int) -> HttpResponse:
    """Let an administrator trust what was shown, after comparing the fingerprint."""
    sighting = get_object_or_404(sightings_visible_to(request.user), pk=sighting_id)
    _require_manager(request, sighting.server)
    form = TrustShownForm(
        request.POST or None,
        organisations=users_managed_by(request.user, sighting.server),
        path=shown_path(sighting),
        now=timezone.now(),
    )
    if form.is_valid() and _trusted(request, form, sighting.server):
        return redirect("server_show", sighting.server_id)
    context = {"form": form, "sighting": sighting, "server": sighting.server}
    return render(request, "certificates/sighting_trust.html", context)


def _row(server: WatchedServer, latest: ServerSighting | None, now: datetime) -> ServerRow:
    return ServerRow(
        server=server,
        seen=_sighting_row(latest) if latest else None,
        validity=validity_between(latest.not_before, latest.not_after, now) if latest else None,
        error=advice_for(server.error_code) if server.error_code else None,
    )


def _sighting_row(sighting: ServerSighting) -> SightingRow:
    return SightingRow(sighting, _state(sighting), advice_for(sighting.finding))


def _state(sighting: ServerSighting) -> Validity:
    if sighting.severity != ServerSighting.Severity.ALARM:
        return Validity("good", _("for information"))
    if sighting.acknowledged_at is not None:
        return Validity("attention", _("alarm, acknowledged"))
    return Validity("bad", _("alarm"))


def _chain(latest: ServerSighting | None) -> list[CertificateInfo]:
    if latest is None:
        return []
    return [describe(one) for one in load_certificates(latest.chain_pem.encode())]


def _organisation_rows(
    request: PersonRequest, server: WatchedServer, latest: ServerSighting | None, now: datetime
) -> list[OrganisationRow]:
    """Judge the latest chain anew, for the organisations that the person sees."""
    if latest is None:
        return []
    seen = set(organisations_seen_by(request.user).values_list("pk", flat=True))
    chain = load_certificates(latest.chain_pem.encode())
    return [
        OrganisationRow(verdict, advice_for(verdict.finding) if verdict.finding else None)
        for verdict in verdicts_on(server, chain, at=now)
        if verdict.organisation.pk in seen
    ]


def _addresses_changed(request: PersonRequest, form: AddressesForm, server: WatchedServer) -> bool:
    """Change them and say so, or say in the form why it can't be."""
    actor = Actor.person(request.user)
    try:
        expect_addresses(server, form.expected(), actor=actor, now=timezone.now())
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


def _require_manager(request: PersonRequest, server: WatchedServer) -> None:
    """Raise PermissionDenied unless the person administers an organisation that uses the server."""
    if not users_managed_by(request.user, server).exists():
        raise PermissionDenied
