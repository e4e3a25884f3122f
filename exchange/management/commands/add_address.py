"""``manage.py add_address``: ask for addresses from which MAGDA lets an account in."""

from typing import Any

from django.core.management.base import CommandParser

from exchange.errors import AddressError
from exchange.management.command import (
    PortalCommand,
    account_from,
    add_account_arguments,
    advice_text,
    command_actor,
)
from exchange.models import Account, WhitelistedAddress
from exchange.services.addresses import activate_address, request_address


class Command(PortalCommand):
    help = "Put addresses on an account's list: single, static, public ones, at most seven."

    def add_arguments(self, parser: CommandParser) -> None:
        add_account_arguments(parser)
        parser.add_argument("addresses", nargs="+", metavar="IP")
        parser.add_argument("--purpose", default="", help="what uses the address")
        parser.add_argument(
            "--active", action="store_true", help="MAGDA has confirmed the address already"
        )

    def work(self, options: dict[str, Any]) -> bool:
        account = account_from(options)
        added = [self._add(account, address, options) for address in options["addresses"]]
        return all(added)

    def _add(self, account: Account, address: str, options: dict[str, Any]) -> bool:
        try:
            row = _request(account, address, options)
        except AddressError as exc:
            self.complain(f"{address}: {advice_text(exc.code)}")
            return False
        self.say(f"{row.state.lower()}\t{row.address}\tslot {row.slot}")
        return True


def _request(account: Account, address: str, options: dict[str, Any]) -> WhitelistedAddress:
    actor = command_actor()
    row = request_address(account, address=address, purpose=options["purpose"], actor=actor)
    if options["active"]:
        activate_address(row, actor=actor)
    return row
