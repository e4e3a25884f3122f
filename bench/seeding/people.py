"""Organisations of different sizes, with accounts and people."""

import random
from dataclasses import dataclass
from typing import Final

from certificates.models import ClientIdentity, Environment
from exchange.models import Account
from magda_portal.people.models import Membership, Organisation, Person, Role

ORGANISATIONS: Final = 25
CLERK: Final = "klerk@bench.example"
HELPDESK: Final = "helpdesk@bench.example"


@dataclass(frozen=True, slots=True)
class Exchanger:
    """An account that exchanges files, its organisation and a clerk; ``share`` is its part."""

    account: Account
    organisation: str
    clerk: Person
    share: float


def make_exchangers(noise: random.Random) -> list[Exchanger]:
    """Make them: the first organisation has most of the files, the last ones hardly any."""
    found = []
    for rank in range(ORGANISATIONS):
        code = f"{noise.randrange(10**10):010}"
        organisation = Organisation.objects.create(name=f"Bench {rank:02}", code=code)
        email = CLERK if rank == 0 else f"klerk-{rank}@bench.example"
        clerk = Person.objects.create(email=email, name=f"Klerk {rank}")
        for role in (Role.CLERK, Role.ADMINISTRATOR):
            Membership.objects.create(person=clerk, organisation=organisation, role=role)
        for environment in (Environment.PRD, Environment.TNI):
            identity = ClientIdentity.objects.create(
                organisation=organisation,
                environment=environment,
                common_name=f"bench.vlaanderen.be/{rank:02}",
            )
            account = Account.objects.create(identity=identity, host="ftps.bench.example")
            # A tenth of the work is tried out in TNI first.
            part = 0.9 if environment == Environment.PRD else 0.1
            found.append(Exchanger(account, str(organisation.pk), clerk, part / (rank + 1)))
    Person.objects.create(email=HELPDESK, name="Helpdesk", is_helpdesk=True)
    return found
