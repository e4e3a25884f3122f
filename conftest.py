"""Fixtures that the tests of every app share."""

import pytest
from django.core.management import call_command

from magda_portal.people.models import Membership, Organisation, Person, Role
from magda_portal.tests.world import World


@pytest.fixture(scope="session", autouse=True)
def collected_static_files() -> None:
    """Collect the static files: pages name them by their hash, and a missing one is an error."""
    call_command("collectstatic", interactive=False, verbosity=0)


@pytest.fixture
def world(db: None) -> World:
    here = Organisation.objects.create(name="Gemeente Voorbeeld", code="0123456789")
    elsewhere = Organisation.objects.create(name="Stad Elders", code="0987654321")
    return World(
        organisation=here,
        elsewhere=elsewhere,
        clerk=_person("klerk@voorbeeld.example", here, Role.CLERK),
        administrator=_person("beheer@voorbeeld.example", here, Role.ADMINISTRATOR),
        helpdesk=Person.objects.create(email="helpdesk@portaal.example", is_helpdesk=True),
        stranger=_person("vreemd@elders.example", elsewhere, Role.CLERK, Role.ADMINISTRATOR),
    )


def _person(email: str, organisation: Organisation, *roles: Role) -> Person:
    person = Person.objects.create(email=email)
    for role in roles:
        Membership.objects.create(person=person, organisation=organisation, role=role)
    return person
