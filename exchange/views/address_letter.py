"""The letter that asks MAGDA to change the addresses of an account."""

import uuid

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_GET

from exchange.models import Account
from exchange.queries.address_register import AddressRegister, address_register
from exchange.views.objects import managed_account
from magda_portal.people.access import PersonRequest
from magda_portal.people.models import Person


@require_GET
def address_letter(request: PersonRequest, pk: uuid.UUID) -> HttpResponse:
    """Hand the letter out as a text file, in the language of the page."""
    account = managed_account(request, pk)
    register = address_register(account, now=timezone.now())
    return HttpResponse(
        letter_about(account, register, writer=request.user),
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="magda-addresses.txt"'},
    )


def letter_about(account: Account, register: AddressRegister, *, writer: Person) -> str:
    """Return the letter as plain text; ``writer`` signs it."""
    context = {"account": account, "register": register, "writer": writer}
    return render_to_string("exchange/address_letter.txt", context).strip() + "\n"
