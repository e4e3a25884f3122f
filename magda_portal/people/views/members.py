"""Who may do what for an organisation."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from magda_portal.audit.services import Actor
from magda_portal.people.access import PersonRequest, organisations_where, role_required
from magda_portal.people.forms import MemberForm, RolesForm
from magda_portal.people.models import Organisation, Person, Role
from magda_portal.people.queries import has_left, members_managed_by
from magda_portal.people.services.invitations import invite
from magda_portal.people.services.lockouts import lock_outs
from magda_portal.people.services.members import (
    OwnAdministrationError,
    get_or_add_person,
    grant_role,
    set_roles,
)


@require_http_methods(["GET", "POST"])
@role_required(Role.ADMINISTRATOR)
def members(request: PersonRequest) -> HttpResponse:
    """Show the people of one's organisations, and give somebody a role."""
    form = MemberForm(request.POST or None, administrator=request.user)
    if request.method == "POST" and form.is_valid():
        _add(request, form)
        return redirect("members")
    rows = members_managed_by(request.user)
    locked = lock_outs({row.person for row in rows}, now=timezone.now())
    context = {
        "members": rows,
        "locked": {each.person.pk for each in locked},
        "form": form,
    }
    return render(request, "people/members.html", context, status=422 if form.errors else 200)


def _add(request: PersonRequest, form: MemberForm) -> None:
    actor, organisation = Actor.person(request.user), form.cleaned_data["organisation"]
    person, is_new = get_or_add_person(
        form.cleaned_data["email"], actor=actor, name=form.cleaned_data["name"]
    )
    role = Role(form.cleaned_data["role"])
    grant_role(person, organisation=organisation, role=role, actor=actor)
    messages.success(request, _("The role is granted."))
    if is_new:
        _invite(request, person, organisation)


@require_http_methods(["GET", "POST"])
@role_required(Role.ADMINISTRATOR)
def member_change(request: PersonRequest, organisation_id: int, person_id: int) -> HttpResponse:
    """Change which roles somebody has in an organisation."""
    if _has_left(request, organisation_id, person_id):
        return redirect("members")
    organisation, person = _member(request, organisation_id, person_id)
    roles = person.memberships.filter(organisation=organisation).values_list("role", flat=True)
    # No role at all is an answer too, and says nothing but a token.
    form = RolesForm(
        request.POST if request.method == "POST" else None, initial={"roles": list(roles)}
    )
    if request.method == "POST" and form.is_valid():
        chosen = [Role(role) for role in form.cleaned_data["roles"]]
        actor = Actor.person(request.user)
        try:
            is_changed = set_roles(person, organisation=organisation, roles=chosen, actor=actor)
        except OwnAdministrationError:
            form.refuse_own_administration()
        else:
            _tell_of_roles(request, is_changed=is_changed)
            return redirect("members")
    context = {"organisation": organisation, "person": person, "form": form}
    return render(request, "people/member_change.html", context, status=422 if form.errors else 200)


def _tell_of_roles(request: PersonRequest, *, is_changed: bool) -> None:
    if is_changed:
        messages.success(request, _("The roles are changed."))
    else:
        messages.info(request, _("The roles were like this already; nothing is changed."))


@require_http_methods(["GET", "POST"])
@role_required(Role.ADMINISTRATOR)
def member_remove(request: PersonRequest, organisation_id: int, person_id: int) -> HttpResponse:
    """Say what it means, and remove somebody from an organisation when that is confirmed."""
    if _has_left(request, organisation_id, person_id):
        return redirect("members")
    organisation, person = _member(request, organisation_id, person_id)
    if request.method == "GET":
        context = {
            "organisation": organisation,
            "person": person,
            "is_self": person == request.user,
            "has_other_roles": person.is_helpdesk
            or person.memberships.exclude(organisation=organisation).exists(),
        }
        return render(request, "people/member_remove.html", context)
    try:
        set_roles(person, organisation=organisation, roles=[], actor=Actor.person(request.user))
    except OwnAdministrationError:
        messages.error(request, _("Another administrator has to remove you."))
    else:
        messages.success(request, _("The person is removed from the organisation."))
    return redirect("members")


@require_POST
@role_required(Role.ADMINISTRATOR)
def member_invite(request: PersonRequest, organisation_id: int, person_id: int) -> HttpResponse:
    """Send the invitation once more to somebody who has not set a password yet."""
    organisation, person = _member(request, organisation_id, person_id)
    if person.has_usable_password():
        messages.info(request, _("This person has set a password, and needs no invitation."))
    else:
        _invite(request, person, organisation)
    return redirect("members")


def _invite(request: PersonRequest, person: Person, organisation: Organisation) -> None:
    if invite(person, organisation=organisation, actor=Actor.person(request.user)):
        messages.success(request, _("An invitation is mailed, which tells how to set a password."))
    else:
        messages.warning(
            request,
            _("The mail could not be sent. Tell the person to use “Forgot your password?”."),
        )


def _has_left(request: PersonRequest, organisation_id: int, person_id: int) -> bool:
    """Say so when another tab, or another administrator, removed the person before."""
    organisations = organisations_where(request.user, Role.ADMINISTRATOR)
    is_theirs = organisations.filter(pk=organisation_id).exists()
    if not is_theirs or not has_left(person_id=person_id, organisation_id=organisation_id):
        return False
    messages.info(request, _("This person is no member of the organisation any more."))
    return True


def _member(
    request: PersonRequest, organisation_id: int, person_id: int
) -> tuple[Organisation, Person]:
    """Return an organisation that the visitor administers and one of its members, or raise 404."""
    organisations = organisations_where(request.user, Role.ADMINISTRATOR)
    organisation = get_object_or_404(organisations, pk=organisation_id)
    people = Person.objects.filter(memberships__organisation=organisation).distinct()
    return organisation, get_object_or_404(people, pk=person_id)
