"""Hand out several collected files at once, to clerks of their organisations only."""

from dataclasses import replace
from itertools import islice
from typing import Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from exchange.models import Transfer
from exchange.queries import accounts_visible_to, answers_and_publications, organisations_opened_by
from exchange.services.zipping import MOST_FILES, zip_of
from exchange.views.inbox import sought
from magda_portal.audit.services import Actor
from magda_portal.people.access import PersonRequest
from magda_portal.web.pagination import all_rows, order_of

_LONGEST_NUMBER: Final = 18


@require_POST
def inbox_zip(request: PersonRequest) -> HttpResponseBase:
    """Stream the files that were chosen, or all that the filter finds, as one ZIP file.

    Only what this person may open is in it: a number of anything else is a 404. All that is found
    means the first :data:`MOST_FILES`.
    """
    openable = organisations_opened_by(request.user)
    if not openable:
        raise PermissionDenied
    query = QueryDict(request.POST.get("query", ""))
    rows = (
        _found(request, query, openable) if "found" in request.POST else _chosen(request, openable)
    )
    if not rows:
        messages.error(request, _("No file was chosen. Choose at least one, and try again."))
        return _back(query)
    pieces = zip_of(rows, actor=Actor.person(request.user), clock=timezone.now)
    response = StreamingHttpResponse(pieces, content_type="application/zip")
    moment = timezone.localtime().strftime("%Y-%m-%d-%H%M%S")
    response["Content-Disposition"] = f'attachment; filename="magda-{moment}.zip"'
    return response


def _chosen(request: PersonRequest, openable: set[int]) -> list[Transfer]:
    """Return what was ticked, newest first; raise Http404 when some of it is not to be opened."""
    given = set(request.POST.getlist("transfer"))
    if not all(text.isascii() and text.isdigit() for text in given):
        raise Http404
    keys = {int(text) for text in given if len(text) <= _LONGEST_NUMBER}
    if len(keys) != len(given) or len(keys) > MOST_FILES:
        raise Http404
    rows = (
        answers_and_publications(request.user)
        .prefetch_related(None)
        .filter(
            pk__in=keys,
            account__identity__organisation__in=openable,
        )
    )
    found = list(rows.order_by("-created_at", "-pk"))
    if len(found) != len(keys):
        raise Http404
    return [row for row in found if row.payload is not None]


def _found(request: PersonRequest, query: QueryDict, openable: set[int]) -> list[Transfer]:
    """Return the first files that the inbox's own filter finds and that may be opened."""
    visible = accounts_visible_to(request.user).prefetch_related(None)
    accounts = [account for account in visible if account.organisation.pk in openable]
    source = sought(request.user, query, accounts)[1]
    source = replace(source, rows=source.rows.filter(payload__erased_at=None))
    return list(islice(all_rows(source, order=order_of(query)), MOST_FILES))


def _back(query: QueryDict) -> HttpResponse:
    return redirect(f"{reverse('inbox')}?{query.urlencode()}" if query else "inbox")
