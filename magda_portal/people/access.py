"""Who sees and does what.

========================  ===================  ==========================  ====================
thing                     clerk                administrator               helpdesk
========================  ===================  ==========================  ====================
history, diagnostics      own organisations    own organisations           all organisations
send, open file content   own organisations    no                          no
accounts, certificates,   see                  see and manage, own         see, all
addresses                                      organisations               organisations
members                   no                   see and manage, own         no
                                               organisations
========================  ===================  ==========================  ====================

Every queryset a view reads starts at :func:`organisations_seen_by` or
:func:`organisations_where`; an object of another organisation is a 404, never a 403.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet, prefetch_related_objects
from django.http import HttpRequest, HttpResponse

from magda_portal.people.models import Membership, Organisation, Person, Role

P = ParamSpec("P")


class PersonRequest(HttpRequest):
    """A request of somebody who is logged in."""

    user: Person


View = Callable[Concatenate[PersonRequest, P], HttpResponse]


def organisations_seen_by(person: Person) -> QuerySet[Organisation]:
    """Return the organisations whose history ``person`` may see."""
    if person.is_helpdesk:
        return Organisation.objects.all()
    return Organisation.objects.filter(memberships__person=person).distinct()


def organisations_where(person: Person, role: Role) -> QuerySet[Organisation]:
    """Return the organisations in which ``person`` has ``role``."""
    return Organisation.objects.filter(memberships__person=person, memberships__role=role)


def has_role(person: Person, role: Role, *, organisation_id: int) -> bool:
    """Return whether ``person`` has ``role`` in that one organisation."""
    return Membership.objects.filter(
        person=person, role=role, organisation_id=organisation_id
    ).exists()


def roles_of(person: Person) -> frozenset[Role]:
    """Return the roles that ``person`` has in any organisation.

    The memberships are read once and stay with this object, so that a page that asks several times
    costs one query.
    """
    prefetch_related_objects([person], "memberships")
    return frozenset(Role(membership.role) for membership in person.memberships.all())


def roles_in(person: Person, *, organisation_id: int) -> frozenset[Role]:
    """Return the roles that ``person`` has in that one organisation, read as by ``roles_of``."""
    prefetch_related_objects([person], "memberships")
    return frozenset(
        Role(membership.role)
        for membership in person.memberships.all()
        if membership.organisation_id == organisation_id
    )


def has_role_somewhere(person: Person, role: Role) -> bool:
    """Return whether ``person`` has ``role`` in any organisation."""
    return Membership.objects.filter(person=person, role=role).exists()


def role_required(role: Role) -> Callable[[View[P]], View[P]]:
    """Let only people with ``role`` in some organisation reach a view.

    The view still fetches its objects through :func:`organisations_where`.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: PersonRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not has_role_somewhere(request.user, role):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate
