"""The list of transfers, one transfer, and what a clerk decides about it."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from exchange.advice import advice_for
from exchange.errors import StateError
from exchange.forms import SettleForm, TransferFilter
from exchange.models import Transfer
from exchange.models.transfer import Direction, State
from exchange.queries import stage_of, timeline_of, transfers_visible_to
from exchange.services import decisions
from exchange.tasks import nudge_delivery
from exchange.views.objects import is_clerk_of, own_transfer, seen_transfer
from magda_portal.audit.services import Actor
from magda_portal.people.access import PersonRequest
from magda_portal.web.pagination import newest_first

REFRESH_SECONDS = 5


@require_GET
def transfers(request: PersonRequest) -> HttpResponse:
    chosen = TransferFilter(
        request.GET, queryset=transfers_visible_to(request.user), request=request
    )
    page = newest_first(chosen.qs, request)
    return render(request, "exchange/transfers.html", {"filter": chosen, "page": page})


@require_GET
def transfer_show(request: PersonRequest, pk: int) -> HttpResponse:
    transfer = seen_transfer(request, pk)
    stage = stage_of(transfer)
    is_clerk = is_clerk_of(request, transfer.account)
    is_delivery = transfer.direction == Direction.DELIVERY
    response = render(
        request,
        "exchange/transfer_show.html",
        {
            "transfer": transfer,
            "stage": stage,
            "timeline": timeline_of(transfer),
            "attempts": transfer.attempts.all(),
            "can_open": is_clerk and _has_content(transfer),
            "can_cancel": is_clerk and _can_cancel(transfer),
            "can_retry": is_clerk and is_delivery and _can_retry(transfer),
            "can_settle": is_clerk and transfer.state == State.UNCERTAIN,
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

    return _decide(request, transfer, retry, done=_("The transfer is tried again now."))


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
    context = {"transfer": transfer, "form": form}
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


def _can_cancel(transfer: Transfer) -> bool:
    return transfer.state in (State.QUEUED, State.WAITING)


def _can_retry(transfer: Transfer) -> bool:
    has_failed = transfer.state == State.FAILED and _has_content(transfer)
    return has_failed or transfer.state == State.WAITING
