"""The history of everything."""

import json
from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from magda_portal.audit.forms import EventFilter
from magda_portal.audit.models import AuditEvent
from magda_portal.audit.queries import events_by_time
from magda_portal.people.access import PersonRequest
from magda_portal.people.models import Organisation
from magda_portal.people.queries import (
    may_see_events,
    organisations_audited_by,
)
from magda_portal.people.services.exports import note_export
from magda_portal.web.pagination import LOOK_THROUGH, Source, all_rows, order_of, page_of
from magda_portal.web.spreadsheets import csv_response, instant


@require_GET
def events(request: PersonRequest) -> HttpResponse:
    """Show a page of the events that the filter in the address finds."""
    chosen, source, _organisations = _sought(request)
    context = {"filter": chosen, "page": page_of(source, request)}
    return render(request, "people/events.html", context)


@require_GET
def events_csv(request: PersonRequest) -> StreamingHttpResponse:
    """Hand out what the filter finds, all of it, while it is read."""
    chosen, source, organisations = _sought(request)
    keys = [""] if organisations is None else [str(row.pk) for row in organisations]
    note_export(request.user, what="events", organisations=keys, filters=chosen.chosen)
    rows = all_rows(source, order=order_of(request.GET))
    day = timezone.localdate().isoformat()
    return csv_response(f"magda-history-{day}", _header(), (_line(row) for row in rows))


def _sought(
    request: PersonRequest,
) -> tuple[EventFilter, Source[AuditEvent], QuerySet[Organisation] | None]:
    """Return the filter of the address, what it finds, and of which organisations (None: any).

    Raises PermissionDenied.
    """
    if not may_see_events(request.user):
        raise PermissionDenied
    audited = organisations_audited_by(request.user)
    chosen = EventFilter(request.GET, organisations=[(str(row.pk), row.name) for row in audited])
    lanes = _lanes(chosen, audited, sees_all=request.user.is_helpdesk)
    source = events_by_time(
        chosen.among(AuditEvent.objects.all()),
        organisations=lanes,
        period=chosen.period,
        look_through=None if chosen.leads_straight else LOOK_THROUGH if chosen.is_narrow else 0,
    )
    return chosen, source, lanes


def _lanes(
    chosen: EventFilter, audited: QuerySet[Organisation], *, sees_all: bool
) -> QuerySet[Organisation] | None:
    if chosen.organisation_id:
        return audited.filter(pk=chosen.organisation_id)
    return None if sees_all else audited


def _header() -> Sequence[str]:
    return [
        _("When"),
        _("Who"),
        _("What"),
        _("Action"),
        _("About"),
        _("Kind"),
        _("Key"),
        _("Organisation's key"),
        _("Details"),
        _("Request number"),
        _("IP address"),
    ]


def _line(event: AuditEvent) -> Sequence[object]:
    return [
        instant(event.at),
        event.who,
        event.get_action_display(),
        event.action,
        event.subject_text,
        event.subject_type,
        event.subject_id,
        event.organisation_id,
        json.dumps(event.details, ensure_ascii=False) if event.details else "",
        event.request_id,
        event.ip_address,
    ]
