"""Who is in the world besides the demo people, and how everybody logs in."""

from typing import Final

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str

from exchange.management.commands.seed_demo import ORGANISATION
from magda_portal.audit.services import Actor
from magda_portal.people.models import Person, Role
from magda_portal.people.services.members import get_or_add_person, grant_role
from magda_portal.people.services.organisations import get_or_add_organisation

ACTOR: Final = Actor(name="end-to-end tests")
HOME: Final = ORGANISATION
ELSEWHERE: Final = "Stad Elders"
PASSWORD: Final = "een lang wachtwoord"  # noqa: S105 - of people who live as long as the run
BOTH: Final = (Role.CLERK, Role.ADMINISTRATOR)
NEWCOMER: Final = "nieuw@voorbeeld.example"
EVERYTHING: Final = "alles@voorbeeld.example"
FORGETFUL: Final = "vergeetachtig@voorbeeld.example"


def add_people() -> None:
    """Add who has no organisation's account to look at, who has every role, and who forgets."""
    _add(NEWCOMER, "Gemeente Nieuw", *BOTH)
    _add(EVERYTHING, HOME, *BOTH)
    _add(FORGETFUL, ELSEWHERE, Role.CLERK)


def clerk() -> Person:
    """Return the demo clerk."""
    return Person.objects.get(email="clerk@demo.example")


def forgotten_password() -> dict[str, str]:
    """Return the parts of a link to a new password, as the mail has them."""
    person = Person.objects.get(email=FORGETFUL)
    key = default_token_generator.make_token(person)
    return {"reset_person": user_pk_to_url_str(person), "reset_key": key}


def _add(email: str, organisation: str, *roles: Role) -> None:
    person, _ = get_or_add_person(email, password=PASSWORD, actor=ACTOR)
    for role in roles:
        grant_role(
            person,
            organisation=get_or_add_organisation(organisation, actor=ACTOR),
            role=role,
            actor=ACTOR,
        )
