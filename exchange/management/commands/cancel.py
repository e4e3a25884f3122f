"""``manage.py cancel``: cancel a transfer that is not on its way."""

from typing import Any

from django.core.management.base import CommandParser

from exchange.filenames import shown
from exchange.management.command import PortalCommand, command_actor
from exchange.management.numbers import numbered_transfer
from exchange.services.decisions import cancel


class Command(PortalCommand):
    help = (
        "Cancel a transfer that is queued or waiting; its name is free again. Once the server was "
        "asked to give the file its final name, it can't be cancelled any more."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("transfer", type=int, metavar="TRANSFER", help="its number")

    def work(self, options: dict[str, Any]) -> bool:
        transfer = numbered_transfer(options["transfer"])
        cancel(transfer, actor=command_actor())
        self.say(f"CANCELLED\t{shown(transfer.final_name)}\t{transfer.pk}")
        return True
