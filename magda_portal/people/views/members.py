"""Who may do what for an organisation."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from magda_portal.audit.services import Actor
from magda_portal.people.access import PersonRequest, role_required
from magda_portal.people.forms import MemberForm
from magda_portal.people.models import Role
from magda_portal.people.queries import memberships_managed_by, withdrawable_memberships
from magda_portal.people.services.members import get_or_add_person, grant_role, withdraw_role


@require_http_methods(["GET", "POST"])
@role_required(Role.ADMINISTRATOR)
def members(request: PersonRequest) -> HttpResponse:
    """Show the people of one's organisations, and give somebody a role."""
    form = MemberForm(request.POST or None, administrator=request.user)
    if request.method == "POST" and form.is_valid():
        actor = Actor.person(request.user)
        person, _is_new = get_or_add_person(form.cleaned_data["email"], actor=actor)
        grant_role(
            person,
            organisation=form.cleaned_data["organisation"],
            role=Role(form.cleaned_data["role"]),
            actor=actor,
        )
        messages.success(request, _("The role is granted."))
        return redirect("members")
    context = {
        "memberships": memberships_managed_by(request.user),
        "withdrawable": set(withdrawable_memberships(request.user)),
        "form": form,
    }
    return render(request, "people/members.html", context, status=422 if form.errors else 200)


@require_POST
@role_required(Role.ADMINISTRATOR)
def member_withdraw(request: PersonRequest, pk: int) -> HttpResponse:
    membership = get_object_or_404(withdrawable_memberships(request.user), pk=pk)
    withdraw_role(membership, actor=Actor.person(request.user))
    messages.success(request, _("The role is withdrawn."))
    return redirect("members")
