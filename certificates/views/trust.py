"""Which servers an organisation's accounts believe."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from certificates.advice.consequences import consequence
from certificates.models import TrustAnchor
from certificates.queries import organisations_managed_by, trust_anchors_visible_to
from certificates.services.trust import remove_trust_anchor
from magda_portal.audit.services import Actor
from magda_portal.people.access import PersonRequest, has_role, role_required
from magda_portal.people.models import Person, Role

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


@dataclass(frozen=True, slots=True)
class AnchorRow:
    """An anchor with what it means."""

    anchor: TrustAnchor
    may_remove: bool
    consequence: "StrPromise"

    @property
    def kind(self) -> str:
        return _("authority") if self.anchor.is_authority else _("server certificate")


@require_GET
def trust_anchors(request: PersonRequest) -> HttpResponse:
    """List the anchors, what each means, and where the right ones come from."""
    now = timezone.now()
    managed = set(organisations_managed_by(request.user).values_list("pk", flat=True))
    context = {
        "rows": [
            AnchorRow(anchor, anchor.organisation_id in managed, consequence_of(anchor, now))
            for anchor in trust_anchors_visible_to(request.user)
        ],
        "may_add": bool(managed),
    }
    return render(request, "certificates/trust_anchors.html", context)


@require_http_methods(["GET", "POST"])
@role_required(Role.ADMINISTRATOR)
def trust_anchor_remove(request: PersonRequest, anchor_id: int) -> HttpResponse:
    """Ask first (GET), then remove (POST): without its anchor an account reaches no server."""
    anchor = get_object_or_404(trust_anchors_visible_to(request.user), pk=anchor_id)
    if not _manages(request.user, anchor):
        raise PermissionDenied
    if request.method == "POST":
        remove_trust_anchor(anchor, actor=Actor.person(request.user))
        messages.success(request, _("The trust anchor is removed."))
        return redirect("trust_anchors")
    context = {
        "anchor": anchor,
        "environment": anchor.environment,
        "consequence": consequence_of(anchor, timezone.now()),
    }
    return render(request, "certificates/trust_anchor_remove.html", context)


def consequence_of(anchor: TrustAnchor, now: datetime) -> "StrPromise":
    """Say what it means to trust it, with the day on which that ends."""
    return consequence(is_authority=anchor.is_authority, not_after=anchor.not_after, now=now)


def _manages(person: Person, anchor: TrustAnchor) -> bool:
    """Say whether an anchor is of an organisation the person administers; shared ones never are."""
    organisation_id = anchor.organisation_id
    return organisation_id is not None and has_role(
        person, Role.ADMINISTRATOR, organisation_id=organisation_id
    )
