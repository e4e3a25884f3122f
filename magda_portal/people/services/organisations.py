"""Add organisations."""

import re

from django.db import transaction

from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Subject, record
from magda_portal.people.models import Organisation

_CODE = re.compile(r"\d{10}|OVO\d{6}")


class OrganisationCodeError(ValueError):
    """A code is neither a KBO number nor an OVO code."""


@transaction.atomic
def get_or_add_organisation(name: str, *, actor: Actor, code: str = "") -> Organisation:
    """Return the organisation called ``name`` (case doesn't matter), made when there is none.

    ``code`` is a KBO number (dots and a leading "BE" are dropped) or an OVO code. Raises
    OrganisationCodeError for anything else.
    """
    code = normalise_code(code)
    found = Organisation.objects.filter(name__iexact=name.strip()).first()
    if found is not None:
        return found
    organisation = Organisation.objects.create(name=name.strip(), code=code)
    record(
        Action.ORGANISATION_ADDED,
        actor=actor,
        organisation_id=organisation.pk,
        subject=Subject.row(organisation),
        details={"code": code},
    )
    return organisation


def normalise_code(code: str) -> str:
    """Return a KBO number as ten digits, an OVO code in capitals, or an empty text."""
    plain = re.sub(r"[.\s]", "", code).upper().removeprefix("BE")
    if plain and not _CODE.fullmatch(plain):
        raise OrganisationCodeError(f"{code!r} is neither a KBO number nor an OVO code.")
    return plain
