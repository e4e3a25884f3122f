"""Which uploads a person sees: their own, as long as they may send for that organisation."""

import uuid

from django.db.models import QuerySet

from exchange.models import Upload
from magda_portal.people.access import organisations_where
from magda_portal.people.models import Person, Role


def uploads_in(parcel: uuid.UUID, person: Person) -> QuerySet[Upload]:
    """Return the whole files of a parcel that ``person`` brought, in the order of their coming."""
    own = Upload.objects.filter(
        person=person,
        account__identity__organisation__in=organisations_where(person, Role.CLERK),
    )
    whole = own.filter(parcel=parcel).exclude(state=Upload.State.RECEIVING)
    return whole.select_related("account__identity__organisation", "account__identity__current")
