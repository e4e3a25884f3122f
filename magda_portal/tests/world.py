"""Two organisations, a person in each role, and a browser for each of them."""

from dataclasses import dataclass
from enum import StrEnum

from django.test import Client

from magda_portal.people.models import Organisation, Person

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class Visitor(StrEnum):
    """Who asks for a page; the stranger is clerk and administrator of another organisation."""

    ANONYMOUS = "anonymous"
    CLERK = "clerk"
    ADMINISTRATOR = "administrator"
    HELPDESK = "helpdesk"
    STRANGER = "stranger"


@dataclass(frozen=True, slots=True)
class World:
    organisation: Organisation
    elsewhere: Organisation
    clerk: Person
    administrator: Person
    helpdesk: Person
    stranger: Person

    def browser(self, visitor: Visitor) -> Client:
        """Return a browser that reads English, logged in as that visitor."""
        client = Client(headers={"accept-language": "en"})
        if visitor is not Visitor.ANONYMOUS:
            client.force_login(getattr(self, visitor.value), BACKEND)
        return client

    def strict_browser(self, visitor: Visitor) -> Client:
        """Like :meth:`browser`, and it needs a form's own token, as real ones do."""
        client = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
        client.force_login(getattr(self, visitor.value), BACKEND)
        return client
