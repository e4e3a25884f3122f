"""The receipt of a delivery, to print or as JSON."""

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from exchange.queries.receipt import Receipt, receipt_for
from exchange.views.objects import seen_transfer
from magda_portal.people.access import PersonRequest


@require_GET
def receipt_show(request: PersonRequest, pk: int) -> HttpResponse:
    receipt = _receipt(request, pk)
    context = {
        "receipt": receipt,
        "transfer": receipt.transfer,
        "environment": receipt.transfer.account.environment,
    }
    return render(request, "exchange/receipt.html", context)


@require_GET
def receipt_json(request: PersonRequest, pk: int) -> HttpResponse:
    """Hand the receipt out as a file; names in it are whole, with escapes for what is not ASCII."""
    receipt = _receipt(request, pk)
    response = JsonResponse(receipt.document(), json_dumps_params={"indent": 2})
    response["Content-Disposition"] = f'attachment; filename="receipt-{receipt.transfer.pk}.json"'
    return response


def _receipt(request: PersonRequest, pk: int) -> Receipt:
    """Return the receipt; raises Http404 for what is not delivered as for what is not seen."""
    receipt = receipt_for(seen_transfer(request, pk), now=timezone.now())
    if receipt is None:
        raise Http404
    return receipt
