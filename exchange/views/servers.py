"""Have a server looked at now; its pages are those of the certificates."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from certificates.queries.servers import servers_visible_to, users_managed_by
from certificates.services.watch import ask_for_look
from exchange.tasks import nudge_watch
from magda_portal.people.access import PersonRequest


@require_POST
def server_look(request: PersonRequest, server_id: int) -> HttpResponse:
    """Make the next look at a server due, and wake a worker for it."""
    server = get_object_or_404(servers_visible_to(request.user), pk=server_id)
    if not users_managed_by(request.user, server).exists():
        raise PermissionDenied
    ask_for_look(server, now=timezone.now())
    nudge_watch()
    messages.success(request, _("The server is looked at now. Load the page again in a moment."))
    return redirect("server_show", server.pk)
