"""``manage.py add_person``: let somebody log in, with a role."""

import secrets
from pathlib import Path
from typing import Any, Final

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from exchange.management.command import PortalCommand, command_actor, wrong_usage
from magda_portal.audit.services import Actor
from magda_portal.people.models import Person, Role
from magda_portal.people.services.members import get_or_add_person, grant_role, make_helpdesk
from magda_portal.people.services.organisations import get_or_add_organisation

HELPDESK: Final = "HELPDESK"


class Command(PortalCommand):
    help = "Add a person with a role, or give a person who exists one more role."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="E-MAIL")
        parser.add_argument("--organisation", default="", metavar="NAME")
        parser.add_argument(
            "--role", required=True, type=str.upper, choices=[*Role.values, HELPDESK]
        )
        parser.add_argument(
            "--password-file",
            type=Path,
            metavar="FILE",
            help="file whose first line is a new person's password; default: one is made and shown",
        )

    def work(self, options: dict[str, Any]) -> bool:
        role, organisation = options["role"], options["organisation"].strip()
        if role != HELPDESK and not organisation:
            raise wrong_usage(f"--role {role} needs --organisation.")
        _check_email(options["email"])
        given = _password(options["password_file"], email=options["email"])
        password = given or secrets.token_urlsafe(12)
        actor = command_actor()
        with transaction.atomic():
            person, is_new = get_or_add_person(options["email"], password=password, actor=actor)
            _grant(person, role, organisation, actor)
        self.say(
            f"{'added' if is_new else 'exists'}\t{person.email}\t{role}\t{organisation}".rstrip()
        )
        if is_new and not given:
            self.say(f"password\t{password}")
        elif given and not is_new:
            self.complain(f"{person.email} existed already and keeps the password it has.")
        return True


def _grant(person: Person, role: str, organisation: str, actor: Actor) -> None:
    if role == HELPDESK:
        make_helpdesk(person, actor=actor)
    else:
        found = get_or_add_organisation(organisation, actor=actor)
        grant_role(person, organisation=found, role=Role(role), actor=actor)


def _check_email(email: str) -> None:
    try:
        validate_email(email.strip())
    except ValidationError as exc:
        raise CommandError(f"{email!r} is not an e-mail address.") from exc


def _password(path: Path | None, *, email: str) -> str:
    """Return the first line of the file, checked like one that is typed on a page."""
    if path is None:
        return ""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        password = lines[0] if lines else ""
        validate_password(password, Person(email=email))
    except (OSError, UnicodeDecodeError) as exc:
        raise CommandError(f"{path} can't be read as text.") from exc
    except ValidationError as exc:
        raise CommandError(" ".join(exc.messages)) from exc
    return password
