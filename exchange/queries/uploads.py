"""Which uploads a person sees: their own, as long as they may send for that organisation."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, QuerySet
from django.utils.translation import ngettext

from exchange.models import Upload
from magda_portal.people.access import organisations_where
from magda_portal.people.models import Person, Role


@dataclass(frozen=True, slots=True)
class WaitingParcel:
    """Files of one form that were checked and not sent; ``touched_at`` is of the latest."""

    id: uuid.UUID
    account: str
    environment: str
    number: int
    touched_at: datetime

    @property
    def words(self) -> str:
        return checked_in_words(self.number)


def checked_in_words(number: int) -> str:
    """Say that so many checked files wait to be sent."""
    words = ngettext(
        "%(number)d checked file waits for you; it is not sent yet.",
        "%(number)d checked files wait for you; they are not sent yet.",
        number,
    )
    return words % {"number": number}


def own_uploads(person: Person) -> QuerySet[Upload]:
    """Return what ``person`` brought, whole or not, for accounts that they may send with."""
    return Upload.objects.filter(
        person=person,
        account__identity__organisation__in=organisations_where(person, Role.CLERK),
    ).select_related("account__identity__organisation", "account__identity__current", "person")


def unfinished_uploads(person: Person, *, since: datetime) -> QuerySet[Upload]:
    """Return the files of which only a part is here, touched after ``since``; the latest first."""
    parts = own_uploads(person).filter(state=Upload.State.RECEIVING, received__gt=0)
    return parts.filter(touched_at__gt=since).order_by("-touched_at")


def uploads_in(parcel: uuid.UUID, person: Person) -> QuerySet[Upload]:
    """Return the whole files of a parcel that ``person`` brought, in the order of their coming."""
    return own_uploads(person).filter(parcel=parcel).exclude(state=Upload.State.RECEIVING)


def waiting_parcels(person: Person) -> list[WaitingParcel]:
    """Return the parcels with files that ``person`` has still to send, the latest first."""
    waiting = own_uploads(person).filter(state=Upload.State.WAITING)
    rows = (
        waiting.values_list(
            "parcel", "account__identity__common_name", "account__identity__environment"
        )
        .annotate(number=Count("pk"), latest=Max("touched_at"))
        .order_by("-latest")
    )
    return [WaitingParcel(*row) for row in rows]
