"""Two organisations, the people of each role, and a browser for each of them."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django import forms
from django.test import Client

from certificates.models import ClientIdentity
from certificates.tests.rows import make_identity, make_organisation, make_person
from magda_portal.people.models import Organisation, Person, Role


@dataclass(frozen=True, slots=True)
class Town:
    """An organisation with an identity, its people, and somebody from elsewhere."""

    organisation: Organisation
    identity: ClientIdentity
    clerk: Person
    administrator: Person
    helpdesk: Person
    stranger: Person
    """Administrator elsewhere."""
    commuter: Person
    """Clerk here, administrator elsewhere."""


def told_by(form: forms.Form) -> list[str]:
    """Return what a form says is wrong, at its fields and as a whole."""
    return [str(message) for messages in form.errors.values() for message in messages]


@pytest.fixture
def town(db: None, frozen: None) -> Town:
    here, elsewhere = make_organisation(), make_organisation("Elders")
    commuter = make_person("pendelaar@elders.example", organisation=elsewhere)
    commuter.memberships.create(organisation=here, role=Role.CLERK)
    return Town(
        organisation=here,
        identity=make_identity(here),
        clerk=make_person("klerk@voorbeeld.example", organisation=here, role=Role.CLERK),
        administrator=make_person("beheer@voorbeeld.example", organisation=here),
        helpdesk=make_person("helpdesk@portaal.example", is_helpdesk=True),
        stranger=make_person("vreemd@elders.example", organisation=elsewhere),
        commuter=commuter,
    )


@pytest.fixture
def browser_of(town: Town) -> Callable[[str], Client]:
    """Return a browser in which the person of that role in town is logged in."""

    def browser(role: str) -> Client:
        client = Client(headers={"accept-language": "en"})
        if role != "anonymous":
            client.force_login(
                getattr(town, role), "allauth.account.auth_backends.AuthenticationBackend"
            )
        return client

    return browser
