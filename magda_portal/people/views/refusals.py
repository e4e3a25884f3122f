"""What somebody meets who may not go further."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, record
from magda_portal.people.access import roles_of
from magda_portal.people.models import Person, Role
from magda_portal.web.logged_in import page_before


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403, and record who was refused which page (ASVS 16.3.2)."""
    person = request.user if isinstance(request.user, Person) else None
    if person:
        record(
            Action.PERSON_REFUSED,
            actor=Actor.person(person),
            details={"method": request.method or "", "page": request.path[:200]},
        )
    context = {
        "gives_roles": person is not None and Role.ADMINISTRATOR in roles_of(person),
        "is_helpdesk": person is not None and person.is_helpdesk,
    }
    return render(request, "403.html", context, status=403)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form without the right token, and lead back to where it stands."""
    context = {"back": page_before(request, otherwise=""), "keeps_drafts": True}
    return render(request, "403_csrf.html", context, status=403)


@login_not_required
def sign_up_closed(request: HttpRequest) -> HttpResponse:
    """Answer 404: allauth wants the address to exist, but people are added by administrators."""
    raise Http404
