"""The publications of an account."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from exchange.errors import AccountError
from exchange.forms import SubscriptionForm
from exchange.services.subscriptions import add_subscription, remove_subscription
from exchange.views.objects import is_administrator_of, managed_account, seen_account
from magda_portal.audit.services import Actor
from magda_portal.people.access import PersonRequest


@require_http_methods(["GET", "POST"])
def account_subscriptions(request: PersonRequest, pk: uuid.UUID) -> HttpResponse:
    """Show the subscriptions of an account, and let an administrator add one."""
    account = (seen_account if request.method == "GET" else managed_account)(request, pk)
    # The list of what stands on the server leads here with a name.
    form = SubscriptionForm(
        request.POST or None, initial={"name_prefix": request.GET.get("prefix", "")}
    )
    if request.method == "POST" and form.is_valid():
        try:
            add_subscription(
                account,
                prefix=form.cleaned_data["name_prefix"],
                format=form.cleaned_data["format"],
                expected_period=form.cleaned_data["expected_period"],
                actor=Actor.person(request.user),
            )
        except AccountError as exc:
            form.refuse(exc.code)
        else:
            messages.success(request, _("The subscription is added."))
            return redirect("account_subscriptions", pk=pk)
    context = {
        "account": account,
        "environment": account.environment,
        "subscriptions": account.subscriptions.all(),
        "form": form,
        "can_manage": is_administrator_of(request, account),
    }
    return render(
        request, "exchange/subscriptions.html", context, status=422 if form.errors else 200
    )


@require_http_methods(["GET", "POST"])
def subscription_remove(request: PersonRequest, pk: uuid.UUID, subscription: int) -> HttpResponse:
    """Say what it means, and remove the subscription when that is confirmed."""
    account = managed_account(request, pk)
    rows = account.subscriptions.select_related("account__identity__organisation")
    row = get_object_or_404(rows, pk=subscription)
    if request.method == "GET":
        context = {"account": account, "environment": account.environment, "row": row}
        return render(request, "exchange/subscription_remove.html", context)
    remove_subscription(row, actor=Actor.person(request.user))
    messages.success(request, _("The subscription is removed; what was fetched stays."))
    return redirect("account_subscriptions", pk=pk)
