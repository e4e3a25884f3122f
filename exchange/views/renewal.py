"""The renewal of an account's certificate: the one in use, the next, and a login with either."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from certificates.models import LoginTest
from exchange.advice import advice_for
from exchange.errors import AccountError
from exchange.queries import candidate_of
from exchange.services import renewal
from exchange.views.objects import is_administrator_of, managed_account, seen_account
from magda_portal.audit.services import Actor
from magda_portal.people.access import PersonRequest

_MISSING = {"current": "account.no_certificate", "next": "account.no_next_certificate"}


@require_GET
def account_renewal(request: PersonRequest, pk: uuid.UUID) -> HttpResponse:
    account = seen_account(request, pk)
    now = timezone.now()
    return render(
        request,
        "exchange/renewal.html",
        {
            "account": account,
            "environment": account.environment,
            "identity": account.identity,
            "current": candidate_of(account, "current", now=now),
            "next": candidate_of(account, "next", now=now),
            "can_manage": is_administrator_of(request, account),
        },
    )


@require_POST
def account_test_login(request: PersonRequest, pk: uuid.UUID, place: str) -> HttpResponse:
    """Log in with the certificate in that place, while the person waits: half a minute at most."""
    if place not in _MISSING:
        raise Http404
    account = managed_account(request, pk)
    now = timezone.now()
    candidate = candidate_of(account, place, now=now)
    if candidate is None:
        messages.error(request, str(advice_for(_MISSING[place])))
        return redirect("account_renewal", pk=pk)
    try:
        test = renewal.test_login(
            account, candidate.certificate, actor=Actor.person(request.user), now=now
        )
    except AccountError as exc:
        messages.error(request, str(advice_for(exc.code)))
    else:
        _tell(request, test)
    return redirect("account_renewal", pk=pk)


def _tell(request: PersonRequest, test: LoginTest) -> None:
    if test.works:
        messages.success(request, _("The login works. No file was touched."))
    else:
        # What it means stands on the page, with the certificate.
        messages.error(request, _("The login did not work."))
