"""The sheet that is handed to the network team."""

import uuid

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from exchange.queries import watched_server_of
from exchange.queries.network_sheet import network_sheet
from exchange.views.objects import seen_account
from magda_portal.people.access import PersonRequest


@require_GET
def account_network(request: PersonRequest, pk: uuid.UUID) -> HttpResponse:
    account = seen_account(request, pk)
    server = watched_server_of(account)
    context = {
        "account": account,
        "environment": account.environment,
        "server": server,
        "sheet": network_sheet(account, server),
        "printed_at": timezone.now(),
    }
    return render(request, "exchange/account_network.html", context)
