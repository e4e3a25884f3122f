"""Which uploads a person sees: their own, as long as they may send for that organisation."""

import uuid
from datetime import datetime

from django.db.models import QuerySet

from exchange.models import Upload
from magda_portal.people.access import organisations_where
from magda_portal.people.models import Person, Role


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
