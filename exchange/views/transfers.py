"""What a clerk decides about a transfer."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from exchange.advice import advice_for
from exchange.errors import StateError
from exchange.forms import SettleForm
from exchange.models import Transfer
from exchange.models.transfer import Step
from exchange.queries import evidence_on
from exchange.services import decisions
from exchange.tasks import nudge_delivery
from exchange.views.objects import own_transfer
from magda_portal.audit.services import Actor
from magda_portal.people.access import PersonRequest


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
    context = {
        "transfer": transfer,
        "form": form,
        "evidence": evidence_on(transfer),
        "environment": transfer.account.environment,
    }
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
