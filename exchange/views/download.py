"""Hand out the content of a transfer, to clerks of its organisation only."""

from django.contrib import messages
from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET

from exchange.advice import advice_for
from exchange.errors import StateError
from exchange.filenames import shown
from exchange.services.opening import open_content
from exchange.views.objects import own_transfer
from magda_portal.audit.services import Actor
from magda_portal.people.access import PersonRequest


@require_GET
def payload_download(request: PersonRequest, pk: int) -> HttpResponseBase:
    """Stream the content as an attachment that no browser interprets (RFC 6266)."""
    transfer = own_transfer(request, pk)
    try:
        content = open_content(transfer, actor=Actor.person(request.user), now=timezone.now())
    except StateError as exc:
        messages.error(request, str(advice_for(exc.code)))
        return redirect("transfer_show", pk=transfer.pk)
    return FileResponse(
        content,
        as_attachment=True,
        filename=_safe(transfer.final_name),
        content_type="application/octet-stream",
    )


def _safe(name: str) -> str:
    """Return the name without what could steer a header or a path; escapes lose their slash."""
    return shown(name).replace("\\", "_")
