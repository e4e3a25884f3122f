"""What a racer does to the file of one number; the account is the one called "demo"."""

from collections.abc import Callable
from io import BytesIO

from django.db.models import Q
from django.utils import timezone

from exchange.errors import StateError
from exchange.models import Transfer
from exchange.models.transfer import State
from exchange.services.accounts import find_account
from exchange.services.claims import claim_next, due_deliveries
from exchange.services.decisions import cancel
from exchange.services.resending import Wish, send_again
from exchange.services.submission import Draft, Submitter, submit
from magda_portal.audit.services import Actor

ACTOR = Actor("a racer")
REASON = "MAGDA lost the first one"


def submit_one(number: int, *, reason: str = "") -> None:
    draft = Draft(find_account("demo"), _name(number), Submitter(ACTOR), resend_reason=reason)
    submit(draft, content=BytesIO(b"<a/>"))


def force_one(number: int) -> None:
    submit_one(number, reason=REASON)


def deliver_one(number: int) -> None:
    """Make one that counts as delivered."""
    submit_one(number)
    Transfer.objects.filter(final_name=_name(number)).update(
        state=State.DONE, finished_at=timezone.now()
    )


def send_one_again(number: int) -> None:
    first = Transfer.objects.filter(final_name=_name(number)).order_by("id")[0]
    send_again(first, Wish(Submitter(ACTOR), REASON))


def cancel_one(number: int) -> None:
    cancel(Transfer.objects.get(final_name=_name(number)), actor=ACTOR)


def claim_one(number: int) -> None:
    due = due_deliveries(timezone.now()) & Q(final_name=_name(number))
    if claim_next(find_account("demo"), among=due) is None:
        raise StateError("nothing to claim")


ACTS: dict[str, Callable[[int], None]] = {
    "submit": submit_one,
    "deliver": deliver_one,
    "force": force_one,
    "send_again": send_one_again,
    "cancel": cancel_one,
    "claim": claim_one,
}


def _name(number: int) -> str:
    return f"request-{number}.xml"
