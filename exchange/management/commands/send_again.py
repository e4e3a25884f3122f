"""``manage.py send_again``: queue a delivered file once more."""

from dataclasses import dataclass
from typing import Any

from django.core.management.base import CommandError, CommandParser

from exchange.errors import ExchangeError
from exchange.filenames import shown
from exchange.ftps import FTPSError
from exchange.management.command import (
    PortalCommand,
    add_environment_argument,
    advice_text,
    command_actor,
    wrong_usage,
)
from exchange.management.numbers import numbered_transfer
from exchange.models import Account, Transfer
from exchange.queries import behind_refusal, newest_under, sent_again_as
from exchange.services.accounts import find_account
from exchange.services.resending import Wish, send_again, send_again_from_cache
from exchange.services.submission import Submitter
from exchange.tasks import nudge_delivery


@dataclass(frozen=True, slots=True)
class _Asked:
    """What to send again: a transfer, or else the file of that name in the account's cache."""

    account: Account
    name: str
    earlier: Transfer | None = None

    def __str__(self) -> str:
        return f"#{self.earlier.pk}" if self.earlier else shown(self.name)


class Command(PortalCommand):
    help = (
        "Queue a delivered file once more, as a new transfer that names the old one; the workers "
        "deliver it. Either give the number of a transfer, or a name in MAGDA's cache of requests. "
        "MAGDA treats it as a new request."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "transfer", type=int, nargs="?", metavar="TRANSFER", help="number of a delivered one"
        )
        parser.add_argument(
            "--from-cache", metavar="NAME", help="name of a file in the cache folder at MAGDA"
        )
        parser.add_argument("--account", metavar="ACCOUNT", help="with --from-cache: whose cache")
        add_environment_argument(parser)
        parser.add_argument(
            "--reason", required=True, help="why, in 10 to 300 characters; the history keeps it"
        )

    def work(self, options: dict[str, Any]) -> bool:
        wish = Wish(Submitter(command_actor()), options["reason"])
        asked = _asked(options)
        try:
            transfer = _sent(asked, wish)
        except (ExchangeError, FTPSError) as exc:
            raise CommandError(f"{asked}: {_refusal(asked, exc.code)}") from exc
        nudge_delivery(transfer.account)
        name = shown(transfer.final_name)
        self.say(f"{transfer.state}\t{name}\t{transfer.pk}\t{transfer.sha256}")
        return True


def _asked(options: dict[str, Any]) -> _Asked:
    number, name, account = options["transfer"], options["from_cache"], options["account"]
    if (number is None) == (name is None):
        raise wrong_usage("Give either the number of a transfer, or --from-cache.")
    if (name is None) != (account is None):
        raise wrong_usage("--from-cache and --account belong together.")
    if name is None:
        transfer = numbered_transfer(number)
        return _Asked(transfer.account, transfer.final_name, transfer)
    return _Asked(find_account(account, environment=options["environment"]), name)


def _sent(asked: _Asked, wish: Wish) -> Transfer:
    if asked.earlier:
        return send_again(asked.earlier, wish)
    return send_again_from_cache(asked.account, asked.name, wish)


def _refusal(asked: _Asked, code: str) -> str:
    """Return why it was refused, and the transfer that is to be looked at instead."""
    if code == "transfer.sent_again_already":
        other = sent_again_as(asked.earlier) if asked.earlier else None
        # The cache's file is that of the last delivery, so the newest is the one that sends it.
        other = other or newest_under(asked.account, asked.name)
    else:
        other = behind_refusal(code, account=asked.account, name=asked.name)
    return advice_text(code) + (f" It is transfer {other.pk}." if other else "")
