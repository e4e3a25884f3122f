"""Accounts: the list, one account, its settings, and trying it now."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from certificates.queries.alarms import open_alarms_of
from exchange.advice import advice_for
from exchange.errors import AccountError
from exchange.forms import AccountForm
from exchange.models import Account
from exchange.queries import (
    accounts_visible_to,
    deliveries_under_way,
    first_steps,
    summarise_account,
    watched_server_of,
)
from exchange.queries.reader import reader_of
from exchange.queries.readiness import why_not_ready, with_newest_anchor
from exchange.services import accounts as account_services
from exchange.services.troubles import end_pause
from exchange.tasks import nudge_collection, nudge_delivery
from exchange.views.objects import (
    is_administrator_of,
    is_clerk_of,
    managed_account,
    seen_account,
)
from magda_portal.audit.services import Actor
from magda_portal.people.access import PersonRequest
from magda_portal.web.live import live, show_live


@require_GET
def accounts(request: PersonRequest) -> HttpResponse:
    now = timezone.now()
    visible = with_newest_anchor(accounts_visible_to(request.user))
    rows = [summarise_account(row, now=now) for row in visible]
    return render(request, "exchange/accounts.html", {"summaries": rows})


@require_GET
@live
def account_show(request: PersonRequest, pk: uuid.UUID) -> HttpResponse:
    account = seen_account(request, pk)
    manages = is_administrator_of(request, account)
    reader = reader_of(request.user, organisation_id=account.organisation.pk)
    summary = summarise_account(account, now=timezone.now())
    server = watched_server_of(account)
    return show_live(
        request,
        "exchange/account_show.html",
        "exchange/_account_part.html",
        {
            "account": account,
            "environment": account.environment,
            "summary": summary,
            "trouble": reader.advice(account.trouble_code) if summary.trouble else None,
            "for_clerk": not reader.finds_faults,
            "subscriptions": account.subscriptions.all(),
            "server": server,
            "alarms": open_alarms_of(account.organisation, server, person=request.user),
            "steps": first_steps(account),
            "folders": account.folder_troubles.select_related("account__identity"),
            "can_manage": manages,
            "is_clerk": is_clerk_of(request, account),
            "can_collect": _may_collect(request, account),
            # The dialogue with the server is for those who look for the fault.
            "transcript": account.trouble_transcript if reader.finds_faults else "",
        },
    )


@require_http_methods(["GET", "POST"])
def account_edit(request: PersonRequest, pk: uuid.UUID) -> HttpResponse:
    account = managed_account(request, pk)
    form = AccountForm(request.POST or None, instance=account)
    if request.method == "POST" and form.is_valid():
        try:
            _change(account, form, Actor.person(request.user))
        except AccountError as exc:
            form.refuse(exc.code)
        else:
            messages.success(request, _("The settings are saved."))
            return redirect("account_show", pk=pk)
    context = {"account": account, "environment": account.environment, "form": form}
    return render(
        request, "exchange/account_edit.html", context, status=422 if form.errors else 200
    )


@transaction.atomic
def _change(account: Account, form: AccountForm, actor: Actor) -> None:
    account_services.change_account(account, changes=form.changes, actor=actor)
    if form.new_proxy_password:
        account_services.set_proxy_password(account, password=form.new_proxy_password, actor=actor)


@require_POST
def account_collect(request: PersonRequest, pk: uuid.UUID) -> HttpResponse:
    """Try the account now: end its pause, send what is queued, and collect."""
    account = seen_account(request, pk)
    if not _may_collect(request, account):
        raise PermissionDenied
    if account.state != Account.State.ACTIVE:
        messages.error(request, str(advice_for("account.suspended")))
        return redirect("account_show", pk=pk)
    now = timezone.now()
    if code := why_not_ready(account, now=now):
        messages.error(request, str(advice_for(code)))
        return redirect("account_show", pk=pk)
    end_pause(account, actor=Actor.person(request.user), now=now)
    nudge_delivery(account)
    nudge_collection(account)
    messages.success(
        request, _("The account is tried now; what comes of it shows here in a moment.")
    )
    return redirect("account_show", pk=pk)


@require_http_methods(["GET", "POST"])
def account_suspend(request: PersonRequest, pk: uuid.UUID) -> HttpResponse:
    """Say what it means, and suspend the account when that is confirmed."""
    account = managed_account(request, pk)
    if request.method == "GET":
        context = {
            "account": account,
            "environment": account.environment,
            "under_way": deliveries_under_way(account),
        }
        return render(request, "exchange/account_suspend.html", context)
    account_services.suspend(account, actor=Actor.person(request.user))
    messages.success(request, _("The account is suspended; nothing is sent or collected."))
    return redirect("account_show", pk=pk)


@require_POST
def account_resume(request: PersonRequest, pk: uuid.UUID) -> HttpResponse:
    account = managed_account(request, pk)
    account_services.resume(account, actor=Actor.person(request.user))
    nudge_delivery(account)
    nudge_collection(account)
    messages.success(request, _("The account works again."))
    return redirect("account_show", pk=pk)


def _may_collect(request: PersonRequest, account: Account) -> bool:
    return is_clerk_of(request, account) or is_administrator_of(request, account)
