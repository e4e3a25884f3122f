"""``manage.py transfers``: list transfers, oldest first."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser
from django.db.models import Count

from exchange.management.command import PortalCommand, add_environment_argument
from exchange.management.transfer_lines import as_line, as_object, write_array
from exchange.models import Transfer
from exchange.services.accounts import find_account

CHUNK = 500


class Command(PortalCommand):
    help = "List transfers: id, direction, state, name, size, sha256, account, attempts, error."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", metavar="ACCOUNT", help="only those of this account")
        add_environment_argument(parser)
        parser.add_argument("--json", action="store_true", help="one array of objects")

    def work(self, options: dict[str, Any]) -> bool:
        rows = _transfers(options["account"], options["environment"])
        if options["json"]:
            write_array(self.stdout, (as_object(row, attempts=count) for row, count in rows))
        else:
            for row, count in rows:
                self.say(as_line(row, attempts=count))
        return True


def _transfers(account: str | None, environment: str) -> Iterator[tuple[Transfer, int]]:
    """Yield transfers with the number of their attempts."""
    rows = Transfer.objects.select_related("account__identity").order_by("id")
    if account is not None:
        rows = rows.filter(account=find_account(account, environment=environment))
    elif environment:
        rows = rows.filter(account__identity__environment=environment)
    for row in rows.annotate(attempt_count=Count("attempts")).iterator(chunk_size=CHUNK):
        yield row, row.attempt_count
