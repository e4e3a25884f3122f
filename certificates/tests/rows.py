"""Make the rows that the certificate tests stand on, and the moment at which they play."""

from datetime import UTC, datetime

from certificates.models import Certificate, ClientIdentity, Environment
from certificates.pki import KeyBundle
from certificates.services.imports import import_certificate
from certificates.tests.builders import COMMON_NAME, make_client
from magda_portal.audit.services import Actor
from magda_portal.people.models import Membership, Organisation, Person, Role

NOW = datetime(2027, 1, 15, 12, tzinfo=UTC)
"""Inside the period of the certificates of builders.py and of the stored PKCS#12 files."""
ACTOR = Actor(name="a test")


def make_organisation(name: str = "Gemeente Voorbeeld") -> Organisation:
    return Organisation.objects.create(name=name)


def make_person(
    email: str = "an@voorbeeld.example",
    *,
    organisation: Organisation | None = None,
    role: Role = Role.ADMINISTRATOR,
    is_helpdesk: bool = False,
    is_active: bool = True,
) -> Person:
    """Make a person; with an organisation, one who has this role in it."""
    person = Person.objects.create(email=email, is_helpdesk=is_helpdesk, is_active=is_active)
    if organisation is not None:
        Membership.objects.create(person=person, organisation=organisation, role=role)
    return person


def make_identity(
    organisation: Organisation | None = None,
    *,
    common_name: str = COMMON_NAME,
    environment: Environment = Environment.TNI,
    role_mailbox: str = "",
) -> ClientIdentity:
    return ClientIdentity.objects.create(
        organisation=organisation or make_organisation(),
        common_name=common_name,
        environment=environment,
        role_mailbox=role_mailbox,
    )


def give_certificate(
    identity: ClientIdentity, bundle: KeyBundle | None = None, *, at: datetime = NOW
) -> Certificate:
    """Import a certificate that was made for the identity's name, or this one."""
    made = bundle or make_client(identity.common_name).bundle()
    return import_certificate(identity, made, actor=ACTOR, at=at)
