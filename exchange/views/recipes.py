"""Recipes by which other programs reach an account."""

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from certificates.queries import trust_pem
from exchange.queries import recipes
from exchange.views.objects import is_administrator_of, seen_account
from magda_portal.people.access import PersonRequest


@require_GET
def account_recipes(request: PersonRequest, pk: uuid.UUID) -> HttpResponse:
    """Show the recipes; they hold placeholders instead of secrets."""
    account = seen_account(request, pk)
    context = {
        "account": account,
        "environment": account.environment,
        "certificate": account.identity.current,
        "has_trust": bool(trust_pem(account.identity)),
        "can_manage": is_administrator_of(request, account),
        "pkcs12": recipes.PKCS12,
        "trust": recipes.TRUST,
        "passphrase": recipes.PASSPHRASE,
        "winscp_fields": recipes.winscp_fields(account),
        "winscp_file": recipes.winscp_file(account),
        "unpacking": recipes.unpacking(),
        "lftp_file": recipes.lftp_file(account),
        "curl_file": recipes.curl_file(account),
        "openssl_check": recipes.openssl_check(account),
    }
    return render(request, "exchange/recipes.html", context)


@require_GET
def account_trust_file(request: PersonRequest, pk: uuid.UUID) -> HttpResponse:
    """Hand out the account's trust anchors, which are public, as one PEM file."""
    account = seen_account(request, pk)
    anchors = trust_pem(account.identity)
    if not anchors:
        raise Http404
    return HttpResponse(
        anchors,
        content_type="application/x-pem-file",
        headers={"Content-Disposition": f'attachment; filename="{recipes.TRUST}"'},
    )
