"""The addresses from which MAGDA lets an account in."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from exchange.advice import advice_for
from exchange.errors import AddressError
from exchange.forms import AddressForm
from exchange.models import WhitelistedAddress
from exchange.queries.address_register import address_register
from exchange.services.addresses import activate_address, request_address, withdraw_address
from exchange.views.address_letter import letter_about
from exchange.views.objects import is_administrator_of, managed_account, seen_account
from magda_portal.audit.services import Actor
from magda_portal.people.access import PersonRequest


@require_http_methods(["GET", "POST"])
def account_addresses(request: PersonRequest, pk: uuid.UUID) -> HttpResponse:
    """Show the addresses of an account, and let an administrator ask for one more."""
    account = (seen_account if request.method == "GET" else managed_account)(request, pk)
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            request_address(account, **form.cleaned_data, actor=Actor.person(request.user))
        except AddressError as exc:
            form.refuse(exc.code)
        else:
            messages.success(request, _("The address is on the list; ask MAGDA to let it in."))
            return redirect("account_addresses", pk=pk)
    register = address_register(account, now=timezone.now())
    manages = is_administrator_of(request, account)
    context = {
        "account": account,
        "environment": account.environment,
        "register": register,
        "letter": letter_about(account, register, writer=request.user) if manages else "",
        "form": form,
        "can_manage": manages,
    }
    return render(request, "exchange/addresses.html", context, status=422 if form.errors else 200)


@require_POST
def address_activate(request: PersonRequest, pk: uuid.UUID, address: int) -> HttpResponse:
    row = _address(request, pk, address)
    try:
        activate_address(row, actor=Actor.person(request.user))
    except AddressError as exc:
        messages.error(request, str(advice_for(exc.code)))
    else:
        messages.success(request, _("The address is noted as active."))
    return redirect("account_addresses", pk=pk)


@require_http_methods(["GET", "POST"])
def address_withdraw(request: PersonRequest, pk: uuid.UUID, address: int) -> HttpResponse:
    """Say what it means, and withdraw the address when that is confirmed."""
    row = _address(request, pk, address)
    if request.method == "GET":
        others = row.account.addresses.filter(state=WhitelistedAddress.State.ACTIVE)
        is_active = row.state == WhitelistedAddress.State.ACTIVE
        context = {
            "account": row.account,
            "environment": row.account.environment,
            "row": row,
            "is_last": is_active and not others.exclude(pk=row.pk).exists(),
        }
        return render(request, "exchange/address_withdraw.html", context)
    withdraw_address(row, actor=Actor.person(request.user))
    messages.success(request, _("The address is withdrawn; tell MAGDA too, with the letter below."))
    return redirect("account_addresses", pk=pk)


def _address(request: PersonRequest, pk: uuid.UUID, address: int) -> WhitelistedAddress:
    account = managed_account(request, pk)
    rows = account.addresses.select_related("account__identity__organisation")
    return get_object_or_404(rows, pk=address)
