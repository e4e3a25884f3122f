"""Look at the beginning of a file without downloading it; that is opening it all the same."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from exchange.advice import advice_for
from exchange.errors import StateError
from exchange.messages import preview_of
from exchange.services.opening import open_content
from exchange.views.objects import own_transfer
from magda_portal.audit.services import Actor
from magda_portal.people.access import PersonRequest

_DELIMITERS = {
    ";": _("a semicolon"),
    ",": _("a comma"),
    "\t": _("a tab"),
    "|": _("a vertical bar"),
}


@require_GET
def payload_preview(request: PersonRequest, pk: int) -> HttpResponse:
    """Show XML as a tree and CSV as a table, to clerks of its organisation only.

    A look at the content consults personal data as a download does: it is recorded, and the
    retention counts from it. No browser ever interprets the content: the page escapes it.
    """
    transfer = own_transfer(request, pk)
    try:
        content = open_content(transfer, actor=Actor.person(request.user), now=timezone.now())
    except StateError as exc:
        messages.error(request, str(advice_for(exc.code)))
        return redirect("transfer_show", pk=transfer.pk)
    with content:
        found = preview_of(content)
    context = {
        "transfer": transfer,
        "preview": found,
        "environment": transfer.account.environment,
        "problem": advice_for(found.tree.problem) if found.tree and found.tree.problem else None,
        "delimiter": _DELIMITERS.get(found.table.delimiter) if found.table else None,
        "columns": range(1, found.table.columns + 1) if found.table else (),
    }
    return render(request, "exchange/preview.html", context)
