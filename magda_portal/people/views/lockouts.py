"""Who is locked out after failed logins; the helpdesk and administrators let them try again."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from magda_portal.audit.services import Actor
from magda_portal.people.access import PersonRequest, has_role_somewhere
from magda_portal.people.models import Person, Role
from magda_portal.people.queries import organisation_shared_with, people_helped_by
from magda_portal.people.services.lockouts import lock_outs, unknown_locked_names, unlock


@require_GET
def locked_people(request: PersonRequest) -> HttpResponse:
    now = timezone.now()
    people = _people(request)
    context = {
        "locked": lock_outs(people, now=now),
        "unknown": unknown_locked_names(now=now) if request.user.is_helpdesk else 0,
    }
    return render(request, "people/locked_people.html", context)


@require_POST
def person_unlock(request: PersonRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(_people(request), pk=pk)
    organisation = organisation_shared_with(request.user, person)
    done = unlock(
        person,
        actor=Actor.person(request.user),
        organisation_id=organisation.pk if organisation else "",
    )
    if done:
        messages.success(request, _("The person can log in again at once."))
    else:
        messages.info(request, _("This person was not locked any more."))
    return redirect("locked_people")


def _people(request: PersonRequest) -> QuerySet[Person]:
    """Return whom the visitor may unlock. Raises PermissionDenied to people who help nobody."""
    if not (request.user.is_helpdesk or has_role_somewhere(request.user, Role.ADMINISTRATOR)):
        raise PermissionDenied
    return people_helped_by(request.user)
