"""The list of transfers, one transfer, and what a clerk decides about it."""

from collections.abc import Callable

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from exchange.advice import advice_for
from exchange.errors import StateError
from exchange.forms import SettleForm, TransferFilter
from exchange.models import Transfer
from exchange.models.transfer import Direction, State, Step
from exchange.queries import (
    accounts_to_send_with,
    evidence_on,
    stage_of,
    timeline_of,
    transfers_visible_to,
)
from exchange.services import decisions
from exchange.services.resending import why_not_sent_again
from exchange.tasks import nudge_delivery
from exchange.views.objects import is_clerk_of, own_transfer, seen_transfer
from magda_portal.audit.services import Actor
from magda_portal.people.access import PersonRequest
from magda_portal.web.advice import Advice
from magda_portal.web.pagination import newest_first

REFRESH_SECONDS = 5


@require_GET
def transfers(request: PersonRequest) -> HttpResponse:
    chosen = TransferFilter(
        request.GET, queryset=transfers_visible_to(request.user), request=request
    )
    context = {
        "filter": chosen,
        "page": newest_first(chosen.qs, request),
        "own_accounts": accounts_to_send_with(request.user),
    }
    return render(request, "exchange/transfers.html", context)


@require_GET
def transfer_show(request: PersonRequest, pk: int) -> HttpResponse:
    transfer = seen_transfer(request, pk)
    stage = stage_of(transfer)
    is_clerk = is_clerk_of(request, transfer.account)
    is_uncertain = transfer.state == State.UNCERTAIN
    keeps_from_cancelling = decisions.why_not_cancelled(transfer)
    response = render(
        request,
        "exchange/transfer_show.html",
        {
            "transfer": transfer,
            "stage": stage,
            "timeline": timeline_of(transfer),
            "attempts": transfer.attempts.all(),
            "can_open": is_clerk and _has_content(transfer),
            "can_cancel": is_clerk and not keeps_from_cancelling,
            "no_cancel": _why_there_is_no_button(transfer, keeps_from_cancelling),
            "can_retry": is_clerk and _can_retry(transfer),
            "may_be_second": decisions.may_have_arrived(transfer),
            "can_send_again": is_clerk and not why_not_sent_again(transfer),
            "sent_again": _sent_again(transfer),
            "evidence": evidence_on(transfer) if is_uncertain else None,
            "can_settle": is_clerk and is_uncertain,
            "settle_form": SettleForm(),
        },
    )
    if stage.is_moving:
        # Works without JavaScript; it ends as soon as nothing moves any more (WCAG 2.2.1).
        response["Refresh"] = str(REFRESH_SECONDS)
    return response


@require_POST
def transfer_cancel(request: PersonRequest, pk: int) -> HttpResponse:
    transfer = own_transfer(request, pk)
    return _decide(
        request,
        transfer,
        lambda actor: decisions.cancel(transfer, actor=actor),
        done=_("The transfer is cancelled; its name is free again."),
    )


@require_POST
def transfer_retry(request: PersonRequest, pk: int) -> HttpResponse:
    transfer = own_transfer(request, pk)

    def retry(actor: Actor) -> None:
        decisions.retry(transfer, actor=actor)
        nudge_delivery(transfer.account)

    done = _("The transfer is tried again now.")
    if transfer.step == Step.RENAME_ASKED:
        done = _("The portal looks at MAGDA now.")
    return _decide(request, transfer, retry, done=done)


@require_http_methods(["GET", "POST"])
def transfer_settle(request: PersonRequest, pk: int) -> HttpResponse:
    """Let a clerk say what became of an uncertain delivery, with the reason."""
    transfer = own_transfer(request, pk)
    form = SettleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        return _decide(
            request,
            transfer,
            lambda actor: decisions.settle(
                transfer, arrived=form.arrived, reason=reason, actor=actor
            ),
            done=_("Your answer is in the history."),
        )
    context = {"transfer": transfer, "form": form, "evidence": evidence_on(transfer)}
    return render(
        request, "exchange/transfer_settle.html", context, status=422 if form.errors else 200
    )


def _decide(
    request: PersonRequest, transfer: Transfer, act: Callable[[Actor], None], *, done: str
) -> HttpResponse:
    """Act, say what came of it, and go back to the transfer."""
    try:
        act(Actor.person(request.user))
    except StateError as exc:
        messages.error(request, str(advice_for(exc.code)))
    else:
        messages.success(request, done)
    return redirect("transfer_show", pk=transfer.pk)


def _has_content(transfer: Transfer) -> bool:
    return transfer.payload is not None and transfer.payload.erased_at is None


def _why_there_is_no_button(transfer: Transfer, code: str) -> Advice | None:
    """Return why a delivery that isn't settled can't be cancelled."""
    is_settled = transfer.state in Transfer.SETTLED
    return advice_for(code) if code and not is_settled else None


def _can_retry(transfer: Transfer) -> bool:
    if transfer.direction != Direction.DELIVERY:
        return False
    has_failed = transfer.state == State.FAILED and (
        _has_content(transfer) or transfer.payload is None
    )
    return has_failed or transfer.state == State.WAITING


def _sent_again(transfer: Transfer) -> QuerySet[Transfer]:
    newer = transfer.resent_by.select_related("account__identity").order_by("id")
    return newer.prefetch_related("answers")
