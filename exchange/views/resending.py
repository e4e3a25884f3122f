"""Send a delivered file again, from the portal's own copy or from MAGDA's cache."""

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from exchange.advice import advice_for
from exchange.errors import ExchangeError
from exchange.forms import CacheResendForm, ResendForm
from exchange.ftps import FTPSError
from exchange.models import Account, Transfer
from exchange.queries import newest_under
from exchange.queries.reader import Reader, reader_of
from exchange.services.cached_requests import CacheContents, look_into_cache
from exchange.services.resending import (
    Wish,
    latest_delivered,
    send_again,
    send_again_from_cache,
    why_not_sent_again,
)
from exchange.services.submission import Submitter
from exchange.tasks import nudge_delivery
from exchange.views.objects import is_clerk_of, own_transfer, seen_account_alone
from magda_portal.audit.services import Actor
from magda_portal.people.access import PersonRequest
from magda_portal.web.advice import Advice


@require_http_methods(["GET", "POST"])
def transfer_send_again(request: PersonRequest, pk: int) -> HttpResponse:
    transfer = own_transfer(request, pk)
    form = ResendForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        sent = _sent(request, form, lambda wish: send_again(transfer, wish))
        if sent:
            return redirect("transfer_show", pk=sent.pk)
    code = why_not_sent_again(transfer)
    context = {
        "form": form,
        "name": transfer.final_name,
        "transfer": transfer,
        "environment": transfer.account.environment,
        "other": _other(form, transfer.account, transfer.final_name),
        "refusal": advice_for(code) if code else None,
        "is_kept_here": transfer.payload is not None and transfer.payload.erased_at is None,
    }
    return render(request, "exchange/send_again.html", context, status=_status(form))


@require_GET
def account_cache(request: PersonRequest, pk: uuid.UUID) -> HttpResponse:
    """List what MAGDA's cache of requests holds at this moment."""
    account = _own_account(request, pk)
    reader = reader_of(request.user, organisation_id=account.organisation.pk)
    contents, trouble = _look(account, reader)
    context = {
        "account": account,
        "environment": account.environment,
        "contents": contents,
        "trouble": trouble,
    }
    return render(request, "exchange/account_cache.html", context)


@require_http_methods(["GET", "POST"])
def cache_send_again(request: PersonRequest, pk: uuid.UUID) -> HttpResponse:
    account = _own_account(request, pk)
    name = request.POST.get("name") or request.GET.get("name") or ""
    if not name:
        return redirect("account_cache", pk=pk)
    form = CacheResendForm(
        request.POST or None, initial={"name": name, "latest": _latest(request, account, name)}
    )
    if request.method == "POST" and form.is_valid():
        latest = form.cleaned_data["latest"]
        sent = _sent(
            request,
            form,
            lambda wish: send_again_from_cache(account, name, wish, latest=latest),
        )
        if sent:
            return redirect("transfer_show", pk=sent.pk)
    context = {
        "form": form,
        "name": name,
        "account": account,
        "environment": account.environment,
        "other": _other(form, account, name),
    }
    return render(request, "exchange/send_again.html", context, status=_status(form))


def _latest(request: PersonRequest, account: Account, name: str) -> int:
    """Return the delivery that the list of the cache showed, or else the one of this moment."""
    shown = request.GET.get("latest", "")
    if shown.isascii() and shown.isdigit():
        return int(shown)
    delivered = latest_delivered(account, name)
    return delivered.pk if delivered else 0


def _own_account(request: PersonRequest, pk: uuid.UUID) -> Account:
    """Return an account through which a clerk of its organisation sends.

    Raises Http404 to people who don't see it, PermissionDenied to those who only see it.
    """
    account = seen_account_alone(request, pk)
    if not is_clerk_of(request, account):
        raise PermissionDenied
    return account


def _look(account: Account, reader: Reader) -> tuple[CacheContents | None, Advice | None]:
    try:
        return look_into_cache(account), None
    except (ExchangeError, FTPSError) as exc:
        return None, reader.advice(exc.code)


def _sent(
    request: PersonRequest, form: ResendForm, act: Callable[[Wish], Transfer]
) -> Transfer | None:
    """Return the new transfer; None when it was refused, and then the form says why."""
    wish = Wish(
        submitter=Submitter(Actor.person(request.user), request.user),
        reason=form.cleaned_data["reason"],
        submission=form.cleaned_data["submission"],
    )
    try:
        transfer = act(wish)
    except (ExchangeError, FTPSError) as exc:
        form.refuse(exc.code)
        return None
    nudge_delivery(transfer.account)
    messages.success(request, _("The file is queued; the portal sends it again."))
    return transfer


def _other(form: ResendForm, account: Account, name: str) -> Transfer | None:
    """Return the transfer to look at when the service refused to send this name again."""
    return newest_under(account, name) if form.is_bound and form.non_field_errors() else None


def _status(form: ResendForm) -> int:
    return 422 if form.errors else 200
