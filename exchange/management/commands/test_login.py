"""``manage.py test_login``: log in with an account's certificate, and touch no file."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from certificates.models import Certificate, LoginTest
from exchange.errors import NotReadyError
from exchange.management.command import (
    PortalCommand,
    account_from,
    add_account_arguments,
    advice_text,
    command_actor,
)
from exchange.models import Account
from exchange.services import renewal


class Command(PortalCommand):
    help = "Log in to an account's server with its certificate; no file is touched."

    def add_arguments(self, parser: CommandParser) -> None:
        add_account_arguments(parser)
        parser.add_argument(
            "--next",
            action="store_true",
            help="with the next certificate, instead of the one in use",
        )

    def work(self, options: dict[str, Any]) -> bool:
        account = account_from(options)
        certificate = _next(account) if options["next"] else _current(account)
        test = renewal.test_login(account, certificate, actor=command_actor(), now=timezone.now())
        self._tell(account, certificate, test)
        return test.works

    def _tell(self, account: Account, certificate: Certificate, test: LoginTest) -> None:
        columns = [
            "works" if test.works else "failed",
            account.name,
            account.environment,
            certificate.serial,
            test.tls_version,
        ]
        self.say("\t".join(columns))
        if not test.works:
            said = f" The server or the connection said: {test.detail}" if test.detail else ""
            self.complain(advice_text(test.error_code) + said)


def _current(account: Account) -> Certificate:
    if account.identity.current is None:
        raise NotReadyError("account.no_certificate")
    return account.identity.current


def _next(account: Account) -> Certificate:
    if account.identity.next is None:
        raise NotReadyError("account.no_next_certificate")
    return account.identity.next
