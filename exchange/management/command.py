"""What the portal's commands have in common: exit codes, advice, and who acted."""

import getpass
import os
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, ProgrammingError

from certificates.advice import advice_on
from certificates.errors import CertificateError
from certificates.models import Environment
from certificates.pki import PKIError
from exchange.advice import advice_for
from exchange.errors import ExchangeError
from exchange.models import Account
from exchange.services.accounts import find_account
from magda_portal.audit.services import Actor

WRONG_USAGE: Final = 2


class PortalCommand(BaseCommand):
    """A command that ends with 0 when it is done, 1 when something failed, 2 on wrong usage.

    Subclasses write :meth:`work`. What the services refuse becomes two sentences on stderr, the
    same as on the pages, and the error's code in brackets for who asks the helpdesk.
    """

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            done = self.work(options)
        except ExchangeError as exc:
            raise CommandError(advice_text(exc.code)) from exc
        except (PKIError, CertificateError) as exc:
            raise CommandError(f"{advice_on(exc)} [{exc.code}]") from exc
        except (OperationalError, ProgrammingError) as exc:
            raise CommandError(
                f"The database can't be used ({exc}). Run 'manage.py migrate', and check DATA_DIR "
                "or DATABASE_URL."
            ) from exc
        if not done:
            raise SystemExit(1)

    def work(self, options: dict[str, Any]) -> bool:
        """Do what was asked; return whether all of it succeeded."""
        raise NotImplementedError

    def say(self, line: str) -> None:
        """Print one result."""
        self.stdout.write(line)

    def complain(self, line: str) -> None:
        """Print what went wrong, to stderr."""
        self.stderr.write(line)


def advice_text(code: str) -> str:
    """Return what happened and what to do next, in one line."""
    return f"{advice_for(code)} [{code}]"


def wrong_usage(text: str) -> CommandError:
    """Return the error for options that don't fit together, to be raised."""
    return CommandError(text, returncode=WRONG_USAGE)


def command_actor() -> Actor:
    """Name whoever runs the command by their operating-system account."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        # A container may run under a number that no user has.
        user = str(os.getuid())
    return Actor(name=f"command line ({user})")


def add_account_arguments(parser: CommandParser) -> None:
    """Add ACCOUNT, and --environment for a name that several environments know."""
    parser.add_argument("account", metavar="ACCOUNT", help="the account's name, which is the CN")
    add_environment_argument(parser)


def add_environment_argument(parser: CommandParser) -> None:
    parser.add_argument(
        "--environment",
        choices=Environment.values,
        default="",
        help="needed when several environments know the name",
    )


def account_from(options: dict[str, Any]) -> Account:
    """Return the account that the options name. Raises AccountError."""
    return find_account(options["account"], environment=options["environment"])
