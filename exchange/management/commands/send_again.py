"""``manage.py send_again``: queue a delivered file once more."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

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
from exchange.models import Transfer
from exchange.services.accounts import find_account
from exchange.services.resending import Wish, send_again, send_again_from_cache
from exchange.services.submission import Submitter
from exchange.tasks import nudge_delivery


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
        try:
            transfer = _sent(options, wish)
        except FTPSError as exc:
            raise CommandError(advice_text(exc.code)) from exc
        nudge_delivery(transfer.account)
        name = shown(transfer.final_name)
        self.say(f"{transfer.state}\t{name}\t{transfer.pk}\t{transfer.sha256}")
        return True


def _sent(options: dict[str, Any], wish: Wish) -> Transfer:
    number, name, account = options["transfer"], options["from_cache"], options["account"]
    if (number is None) == (name is None):
        raise wrong_usage("Give either the number of a transfer, or --from-cache.")
    if (name is None) != (account is None):
        raise wrong_usage("--from-cache and --account belong together.")
    if name is None:
        return send_again(numbered_transfer(number), wish)
    found = find_account(account, environment=options["environment"])
    return send_again_from_cache(found, name, wish)
