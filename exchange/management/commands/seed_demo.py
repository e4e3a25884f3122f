"""``manage.py seed_demo``: an organisation, people and an account on the practice MAGDA."""

import os
import secrets
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from certificates.models import Environment
from certificates.pki import KeyBundle
from certificates.services.imports import import_certificate
from certificates.services.trust import add_trust_anchors
from exchange.management.command import PortalCommand
from exchange.models import Account
from exchange.services.account_services import add_service
from exchange.services.accounts import change_account, open_account
from exchange.services.subscriptions import add_subscription
from magda_portal.audit.services import Actor
from magda_portal.people.models import Organisation, Role
from magda_portal.people.services.members import get_or_add_person, grant_role, make_helpdesk
from sandbox.authority import Authority
from sandbox.publications import COMPANIES_PREFIX
from sandbox.server import DEMO_ACCOUNT, open_authority

ORGANISATION: Final = "Gemeente Voorbeeld"
CLERK: Final = "clerk@demo.example"
ADMINISTRATOR: Final = "admin@demo.example"
HELPDESK: Final = "helpdesk@demo.example"
PEOPLE_FILE: Final = "demo-people.txt"
ACTOR: Final = Actor(name="practice data")


class Command(PortalCommand):
    help = (
        "Make the practice data that `make run` begins with. A second run changes nothing but the "
        "port. Refuses to touch a database that DATABASE_URL names."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--sandbox-port", type=int, default=settings.SANDBOX_PORT, metavar="N")

    def work(self, options: dict[str, Any]) -> bool:
        if settings.DATABASE_URL_GIVEN:
            raise CommandError("Practice data are not made in a database that DATABASE_URL names.")
        port = options["sandbox_port"]
        found = Account.objects.filter(
            identity__common_name=DEMO_ACCOUNT, identity__environment=Environment.SANDBOX
        ).first()
        if found is not None:
            change_account(found, changes={"port": port}, actor=ACTOR)
            self.say(f"exists\t{DEMO_ACCOUNT}")
            return True
        authority = open_authority(settings.DATA_DIR / "sandbox")
        # All of it or nothing, the file with the passwords too: it is written before the commit.
        with transaction.atomic():
            account = _seed_account(authority, port=port)
            passwords = _seed_people(account.organisation)
            people_file = _write_passwords(settings.DATA_DIR / PEOPLE_FILE, passwords)
        self.say(f"opened\t{DEMO_ACCOUNT}")
        self.say(f"people\t{people_file}")
        return True


def _seed_account(authority: Authority, *, port: int) -> Account:
    account, _ = open_account(
        DEMO_ACCOUNT, organisation=ORGANISATION, environment=Environment.SANDBOX, actor=ACTOR
    )
    changes = {"port": port, "collect_every": 10, "expects_xml": True}
    change_account(account, changes=changes, actor=ACTOR)
    issued = authority.issue_client(DEMO_ACCOUNT)
    bundle = KeyBundle(
        private_key_pem=issued.private_key_pem,
        certificate_pem=issued.certificate_pem,
        chain_pem=issued.chain_pem,
    )
    import_certificate(account.identity, bundle, actor=ACTOR, at=timezone.now())
    add_trust_anchors(
        authority.root_pem,
        environment=Environment.SANDBOX,
        organisation=account.organisation,
        actor=ACTOR,
    )
    add_subscription(account, prefix=COMPANIES_PREFIX, expected_period="elke werkdag", actor=ACTOR)
    # The practice MAGDA answers XML of any name.
    add_service(account, name="GeefPersoon", pattern="*.xml", actor=ACTOR)
    return account


def _seed_people(organisation: Organisation) -> dict[str, str]:
    """Add one person for each role; return their passwords by e-mail address."""
    passwords = {email: secrets.token_urlsafe(12) for email in (CLERK, ADMINISTRATOR, HELPDESK)}
    roles = {CLERK: Role.CLERK, ADMINISTRATOR: Role.ADMINISTRATOR}
    for email, password in passwords.items():
        person, _ = get_or_add_person(email, password=password, actor=ACTOR)
        if email in roles:
            grant_role(person, organisation=organisation, role=roles[email], actor=ACTOR)
        else:
            make_helpdesk(person, actor=ACTOR)
    return passwords


def _write_passwords(path: Path, passwords: dict[str, str]) -> Path:
    """Write a new file that only its owner reads; one of a run that was cut short is replaced."""
    path.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
        file.write("The demo people of the practice data, and their passwords:\n")
        file.writelines(f"{email}  {password}\n" for email, password in passwords.items())
        file.flush()
        os.fsync(file.fileno())
    return path
