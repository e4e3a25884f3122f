"""For whom a page is: what somebody can't do themselves, they are told to ask others for."""

from dataclasses import dataclass
from typing import Final

from exchange.advice import advice_for, advice_to_clerk
from magda_portal.people.access import roles_in
from magda_portal.people.models import Person, Role
from magda_portal.web.advice import Advice


@dataclass(frozen=True, slots=True)
class Reader:
    """What somebody can do about an account: open its files, and look for what is wrong with it."""

    opens_files: bool = False
    finds_faults: bool = True

    def advice(self, code: str) -> Advice:
        """Return what to tell this reader about an error."""
        return advice_for(code) if self.finds_faults else advice_to_clerk(code)


ANYBODY: Final = Reader()
"""When it is not known who reads it: everything is told, in words that do for all."""


def reader_of(person: Person, *, organisation_id: int) -> Reader:
    """Return ``person`` as a reader of what is of that organisation, as by ``roles_in``."""
    roles = roles_in(person, organisation_id=organisation_id)
    return Reader(
        opens_files=Role.CLERK in roles,
        finds_faults=person.is_helpdesk or Role.ADMINISTRATOR in roles,
    )
