"""The certificates of an organisation, and one client identity with all of its own."""

from datetime import datetime

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from certificates.forms import OrganisationFilter
from certificates.models import ClientIdentity, LoginTest
from certificates.queries import identities_visible_to
from certificates.queries.alarms import open_alarms
from certificates.queries.chains import path_above
from certificates.queries.listing import most_urgent_first
from certificates.queries.validity import validity_of
from certificates.views.history import history_rows
from certificates.views.objects import manages, seen_identity
from certificates.views.rows import CertificateRow, certificate_rows, key_rows
from magda_portal.audit.queries import events_for
from magda_portal.people.access import PersonRequest

MOST_ON_A_PAGE = 200
MOST_EVENTS = 50
MOST_TESTS = 200


@require_GET
def certificates(request: PersonRequest) -> HttpResponse:
    """List every identity with the days its certificate has left, the most urgent first."""
    now = timezone.now()
    organisation_filter = OrganisationFilter(request.GET, person=request.user)
    identities = most_urgent_first(identities_visible_to(request.user))
    organisation = organisation_filter.chosen()
    if organisation is not None:
        identities = identities.filter(organisation=organisation)
    page = Paginator(identities, MOST_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": [(identity, validity_of(identity.current, now)) for identity in page],
        "page": page,
        "filter": organisation_filter,
        "alarms": open_alarms(request.user),
    }
    return render(request, "certificates/certificates.html", context)


@require_GET
def identity_show(request: PersonRequest, identity_id: int) -> HttpResponse:
    """Show one identity: its certificates, their chain, and what happened to them."""
    identity = seen_identity(request, identity_id)
    now = timezone.now()
    rows = _rows(identity, now=now)
    keys = identity.key_pairs.order_by("-created_at")
    keys = keys.prefetch_related("certificates", "certificate_requests")
    events = events_for(identity).order_by("-id")[:MOST_EVENTS]
    context = {
        "identity": identity,
        "environment": identity.environment,
        "rows": rows,
        "current": _row_of(rows, identity.current_id),
        "next": _row_of(rows, identity.next_id),
        "previous": _row_of(rows, identity.previous_id),
        "path": path_above(identity.current, at=now) if identity.current else None,
        "path_of_next": path_above(identity.next, at=now) if identity.next else None,
        "requests": identity.certificate_requests.select_related("key_pair"),
        "keys": key_rows(identity, keys),
        "history": history_rows(events, [row.certificate for row in rows]),
        "may_manage": manages(request, identity),
    }
    return render(request, "certificates/identity_show.html", context)


def _rows(identity: ClientIdentity, *, now: datetime) -> list[CertificateRow]:
    history = identity.certificates.select_related("key_pair").order_by("-not_after")
    tests = LoginTest.objects.filter(certificate__identity=identity)[:MOST_TESTS]
    return certificate_rows(identity, history, tests, now=now)


def _row_of(rows: list[CertificateRow], certificate_id: int | None) -> CertificateRow | None:
    return next((row for row in rows if row.certificate.pk == certificate_id), None)
