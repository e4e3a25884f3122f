"""Where warnings about a common name are mailed."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from certificates.forms.mailbox import RoleMailboxForm
from certificates.queries import identities_visible_to
from certificates.services.identities import change_role_mailbox
from magda_portal.audit.services import Actor
from magda_portal.people.access import PersonRequest, has_role
from magda_portal.people.models import Role


@require_http_methods(["GET", "POST"])
def identity_mailbox(request: PersonRequest, identity_id: int) -> HttpResponse:
    identity = get_object_or_404(identities_visible_to(request.user), pk=identity_id)
    if not has_role(request.user, Role.ADMINISTRATOR, organisation_id=identity.organisation_id):
        raise PermissionDenied
    form = RoleMailboxForm(request.POST or None, initial={"role_mailbox": identity.role_mailbox})
    if form.is_valid():
        mailbox = form.cleaned_data["role_mailbox"]
        change_role_mailbox(identity, mailbox, actor=Actor.person(request.user))
        messages.success(request, _("The role mailbox is saved."))
        return redirect("identity_show", identity.pk)
    context = {"form": form, "identity": identity, "environment": identity.environment}
    return render(request, "certificates/mailbox.html", context)
