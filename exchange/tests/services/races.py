"""What a racer does to the file of one number; the account is the one called "demo"."""

import os
from collections.abc import Callable
from io import BytesIO
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from exchange.errors import StateError
from exchange.models import Transfer, Upload
from exchange.models.transfer import State
from exchange.services.accounts import find_account
from exchange.services.claims import claim_next, due_deliveries
from exchange.services.decisions import cancel
from exchange.services.resending import Wish, send_again
from exchange.services.submission import Draft, Submitter, submit, submit_upload
from exchange.services.uploads import Parcel, discard, keep_upload
from magda_portal.audit.services import Actor
from magda_portal.people.models import Person

ACTOR = Actor("a racer")
PARCEL = UUID(int=1)
REASON = "MAGDA lost the first one"


def submit_one(number: int, *, reason: str = "") -> None:
    draft = Draft(find_account("demo"), _name(number), Submitter(ACTOR), resend_reason=reason)
    submit(draft, content=BytesIO(b"<a/>"))


def bring_one(number: int) -> None:
    """Bring a file, without sending it."""
    person, _ = Person.objects.get_or_create(email="clerk@portal.example")
    parcel = Parcel.of_form(PARCEL, find_account("demo"), person)
    keep_upload(parcel, _name(number), BytesIO(b"<a/>"))


def send_upload(number: int) -> None:
    upload = Upload.objects.filter(file_name=_name(number)).first()
    if upload is None:
        raise StateError("missing")
    # Each under a name of its own, so that the name guard is not what decides.
    name = f"{os.getpid()}-{_name(number)}"
    submit_upload(Draft(upload.account, name, Submitter(ACTOR)), upload)


def discard_upload(number: int) -> None:
    upload = Upload.objects.filter(file_name=_name(number)).first()
    if upload is None or not discard(upload, actor=ACTOR):
        raise StateError("nothing to remove")


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
    "bring": bring_one,
    "send_upload": send_upload,
    "discard_upload": discard_upload,
    "deliver": deliver_one,
    "force": force_one,
    "send_again": send_one_again,
    "cancel": cancel_one,
    "claim": claim_one,
}


def _name(number: int) -> str:
    return f"request-{number}.xml"
