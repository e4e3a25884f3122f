"""The history of transfers, for clerks, the helpdesk and whoever audits."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from exchange.forms import TransferFilter
from exchange.models import Account, Transfer
from exchange.queries import (
    accounts_visible_to,
    organisations_opened_by,
    transfers_by_time,
    transfers_visible_to,
)
from magda_portal.people.access import PersonRequest
from magda_portal.web.live import live, show_live
from magda_portal.web.pagination import LOOK_THROUGH, Source, page_of


@require_GET
@live
def transfers(request: PersonRequest) -> HttpResponse:
    """Show a page of the transfers that the filter in the address finds."""
    chosen, source = sought(request)
    page = page_of(source, request)
    context = {
        "filter": chosen,
        "page": page,
        "with_cache": _with_cache(request, chosen.accounts),
    }
    # What stands on later pages hardly changes any more.
    rests = not page.is_first
    return show_live(
        request,
        "exchange/transfers.html",
        "exchange/_transfers_part.html",
        context,
        rests=rests,
    )


def sought(request: PersonRequest) -> tuple[TransferFilter, Source[Transfer]]:
    """Return the filter of the address, and what it finds as a source of pages."""
    accounts = list(accounts_visible_to(request.user).prefetch_related(None))
    chosen = TransferFilter(
        request.GET,
        queryset=transfers_visible_to(request.user),
        accounts=accounts,
    )
    look_through = None if chosen.leads_straight else LOOK_THROUGH if chosen.form.is_narrow else 0
    sees_all = request.user.is_helpdesk and not chosen.names_accounts
    source = transfers_by_time(
        chosen.qs,
        accounts=None if sees_all else chosen.accounts,
        period=chosen.form.period,
        look_through=look_through,
    )
    return chosen, source


def _with_cache(request: PersonRequest, accounts: list[Account]) -> list[Account]:
    """Return the accounts whose cache the person may send from again."""
    own = organisations_opened_by(request.user)
    return [
        row for row in accounts if row.state == Account.State.ACTIVE and row.organisation.pk in own
    ]
