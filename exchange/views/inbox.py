"""Answers and publications."""

from dataclasses import replace
from typing import Final

from django.http import HttpResponse, QueryDict
from django.utils import timezone
from django.views.decorators.http import require_GET

from exchange.forms import InboxFilter
from exchange.models import Account, Transfer
from exchange.queries import (
    accounts_visible_to,
    answers_and_publications,
    files_still_at_magda,
    first_openers,
    folders_in_trouble,
    look_at,
    organisations_diagnosed_by,
    organisations_opened_by,
    transfers_by_time,
    waiting_files,
)
from exchange.services.zipping import MOST_FILES
from magda_portal.people.access import PersonRequest
from magda_portal.people.models import Person
from magda_portal.web.live import live, show_live
from magda_portal.web.pagination import LOOK_THROUGH, Source, page_of

# Requests stand between the answers, so that more than a page of transfers is looked through.
_UNFILTERED: Final = 5_000


@require_GET
@live
def inbox(request: PersonRequest) -> HttpResponse:
    """Show what was collected, and what still waits at MAGDA."""
    now = timezone.now()
    accounts = list(accounts_visible_to(request.user).prefetch_related(None))
    chosen, source = sought(request.user, request.GET, accounts)
    page = page_of(source, request)
    looks = [look_at(account, now=now) for account in accounts]
    openable = organisations_opened_by(request.user)
    context = {
        "filter": chosen,
        "page": page,
        "openers": first_openers(page.rows),
        # Whose content this person may open.
        "openable": openable,
        "can_zip": any(_can_be_opened(row, openable) for row in page.rows),
        "most_files": MOST_FILES,
        "waiting": waiting_files(
            files_still_at_magda(request.user)[:100], today=timezone.localdate(now)
        ),
        "folders": folders_in_trouble(request.user)[:100],
        "looks": sorted(looks, key=lambda look: look.since),
        # The dialogue with the server is for those who look for the fault.
        "diagnosed": set(organisations_diagnosed_by(request.user).values_list("pk", flat=True)),
    }
    # What stands on later pages hardly changes any more.
    rests = not page.is_first
    return show_live(
        request, "exchange/inbox.html", "exchange/_inbox_part.html", context, rests=rests
    )


def sought(
    person: Person, query: QueryDict, accounts: list[Account]
) -> tuple[InboxFilter, Source[Transfer]]:
    """Return the filter that ``query`` asks for, and what it finds as a source of pages."""
    rows = answers_and_publications(person).prefetch_related(None)
    chosen = InboxFilter(query, queryset=rows, accounts=accounts)
    look_through = LOOK_THROUGH if chosen.form.is_narrow else _UNFILTERED
    sees_all = person.is_helpdesk and not chosen.names_accounts
    source = transfers_by_time(
        chosen.qs,
        accounts=None if sees_all else chosen.accounts,
        period=chosen.form.period,
        look_through=None if chosen.leads_straight else look_through,
    )
    # Nothing answers an answer.
    source = replace(source, whole=source.whole.prefetch_related(None))
    return chosen, source


def _can_be_opened(transfer: Transfer, openable: set[int]) -> bool:
    payload = transfer.payload
    has_content = payload is not None and payload.erased_at is None
    return has_content and transfer.account.organisation.pk in openable
