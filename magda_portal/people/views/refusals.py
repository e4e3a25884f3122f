"""What somebody meets who may not go further."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.defaults import permission_denied

from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, record
from magda_portal.people.models import Person
from magda_portal.web.logged_in import page_before


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403, and record who was refused which page (ASVS 16.3.2)."""
    if isinstance(request.user, Person):
        record(
            Action.PERSON_REFUSED,
            actor=Actor.person(request.user),
            details={"method": request.method or "", "page": request.path[:200]},
        )
    return permission_denied(request, exception)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form without the right token, and lead back to where it stands."""
    context = {"back": page_before(request, otherwise=""), "keeps_drafts": True}
    return render(request, "403_csrf.html", context, status=403)


@login_not_required
def sign_up_closed(request: HttpRequest) -> HttpResponse:
    """Answer 404: allauth wants the address to exist, but people are added by administrators."""
    raise Http404
