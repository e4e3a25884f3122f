"""What expires, who was warned of it, and who wants to be."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from certificates.advice.expiring import Situation
from certificates.forms import OrganisationFilter
from certificates.models import ExpiryNotice, RevocationState
from certificates.queries import organisations_managed_by
from certificates.queries.expiring import ExpiringThing, expiring_things
from certificates.queries.expiry import (
    about,
    calendar_feed_of,
    latest_warnings,
    notices_visible_to,
    organisations_of,
    warned_organisations,
)
from certificates.queries.validity import Validity, validity_between
from certificates.services.expiry import acknowledge, stop_warning, warn_by_mail
from certificates.views.expiry_picture import draw
from magda_portal.people.access import PersonRequest, has_role, organisations_seen_by
from magda_portal.people.models import Organisation, Person, Role

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class ShownWarning:
    notice: ExpiryNotice
    may_acknowledge: bool


@dataclass(frozen=True, slots=True)
class ExpiryRow:
    thing: ExpiringThing
    validity: Validity
    warnings: list[ShownWarning]


@require_GET
def expiry(request: PersonRequest) -> HttpResponse:
    """Show what ends first at the front, as a picture and as a table that say the same."""
    now = timezone.now()
    organisation_filter = OrganisationFilter(request.GET, person=request.user)
    things = expiring_things(_organisations(request.user, organisation_filter), now=now)
    page = Paginator(things, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = _rows(list(page.object_list), request.user, now)
    context = {
        "rows": rows,
        "page": page,
        "picture": draw([(row.thing, row.validity) for row in rows], now=now),
        "filter": organisation_filter,
        "organisations": organisations_of(request.user),
        "warned": set(warned_organisations(request.user)),
        "feed": calendar_feed_of(request.user),
    }
    return render(request, "certificates/expiry.html", context)


@require_POST
def expiry_acknowledge(request: PersonRequest, notice_id: int) -> HttpResponse:
    """Keep a warning quiet until the next threshold."""
    notice = get_object_or_404(notices_visible_to(request.user), pk=notice_id)
    if not has_role(request.user, Role.ADMINISTRATOR, organisation_id=notice.organisation_id):
        raise PermissionDenied
    if acknowledge(notice, person=request.user, now=timezone.now()):
        messages.success(request, _("The warning is acknowledged. The next threshold warns again."))
    return redirect("expiry")


@require_POST
def expiry_warn(request: PersonRequest, organisation_id: int) -> HttpResponse:
    """Mail the person who asks about what expires in an organisation of theirs."""
    organisation = get_object_or_404(organisations_of(request.user), pk=organisation_id)
    warn_by_mail(request.user, organisation)
    messages.success(request, _("You are mailed before something expires."))
    return redirect("expiry")


@require_POST
def expiry_stop_warning(request: PersonRequest, organisation_id: int) -> HttpResponse:
    organisation = get_object_or_404(organisations_of(request.user), pk=organisation_id)
    stop_warning(request.user, organisation)
    messages.success(request, _("You are no longer mailed before something expires."))
    return redirect("expiry")


def _organisations(person: Person, chosen: OrganisationFilter) -> QuerySet[Organisation]:
    organisation = chosen.chosen()
    seen = organisations_seen_by(person)
    return seen if organisation is None else seen.filter(pk=organisation.pk)


def _rows(things: list[ExpiringThing], person: Person, now: datetime) -> list[ExpiryRow]:
    managed = set(organisations_managed_by(person).values_list("pk", flat=True))
    warnings = latest_warnings(things, person)
    return [
        ExpiryRow(
            thing,
            _validity(thing, now),
            [
                ShownWarning(
                    notice,
                    may_acknowledge=notice.organisation_id in managed
                    and notice.acknowledged_at is None,
                )
                for notice in warnings.get(about(thing), [])
            ],
        )
        for thing in things
    ]


def _validity(thing: ExpiringThing, now: datetime) -> Validity:
    if thing.revocation == RevocationState.REVOKED:
        return Validity("bad", _("revoked"))
    if thing.situation == Situation.LIST_OVERDUE:
        return Validity("bad", _("list too old"))
    validity = validity_between(thing.not_before, thing.not_after, now)
    # A list is replaced every few days; that its end is near is no reason to worry.
    if thing.situation == Situation.LIST_FETCHED:
        return Validity("good", validity.words)
    if thing.situation == Situation.LIST_UPLOADED and not _is_nearly_over(thing, now):
        return Validity("good", validity.words)
    return validity


def _is_nearly_over(thing: ExpiringThing, now: datetime) -> bool:
    """Say whether at most a quarter of its period is left; a week is no short time for a list."""
    return 4 * (thing.not_after - now) <= thing.not_after - thing.not_before
