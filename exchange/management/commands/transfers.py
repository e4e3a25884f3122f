"""``manage.py transfers``: list transfers, oldest first."""

from typing import Any, TypeVar

from django.core.management.base import CommandParser
from django.db.models import Count, QuerySet

from exchange.management import remote_file_lines
from exchange.management.command import PortalCommand, add_environment_argument
from exchange.management.remote_file_lines import still_at_magda
from exchange.management.transfer_lines import as_line, as_object, write_array
from exchange.models import RemoteFile, Transfer
from exchange.services.accounts import find_account

CHUNK = 500
Row = TypeVar("Row", Transfer, RemoteFile)


class Command(PortalCommand):
    help = (
        "List transfers: id, direction, state, name, size, sha256, account, attempts, error, stage "
        "(the state in the words of the pages), number of the one it sends again, sent by. "
        "Or, with --at-magda, files that stand there and are not fetched or not cleared: account, "
        "folder, name, state, size, error, failures, next try, day of removal, days left."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", metavar="ACCOUNT", help="only those of this account")
        add_environment_argument(parser)
        parser.add_argument(
            "--at-magda", action="store_true", help="files that are still there, instead"
        )
        parser.add_argument("--json", action="store_true", help="one array of objects")

    def work(self, options: dict[str, Any]) -> bool:
        if options["at_magda"]:
            self._tell_remote_files(options)
        else:
            self._tell_transfers(options)
        return True

    def _tell_transfers(self, options: dict[str, Any]) -> None:
        rows = _of_account(Transfer.objects.all(), options).order_by("id")
        counted = (
            (row, row.attempt_count)
            for row in rows.select_related("account__identity", "person")
            .prefetch_related("answers")
            .annotate(attempt_count=Count("attempts"))
            .iterator(chunk_size=CHUNK)
        )
        if options["json"]:
            write_array(self.stdout, (as_object(row, attempts=count) for row, count in counted))
        else:
            for row, count in counted:
                self.say(as_line(row, attempts=count))

    def _tell_remote_files(self, options: dict[str, Any]) -> None:
        items = still_at_magda(_of_account(RemoteFile.objects.all(), options))
        if options["json"]:
            write_array(self.stdout, (remote_file_lines.as_object(item) for item in items))
        else:
            for item in items:
                self.say(remote_file_lines.as_line(item))


def _of_account(rows: QuerySet[Row], options: dict[str, Any]) -> QuerySet[Row]:
    """Return those rows that belong to the account, or the environment, that the options name."""
    name, environment = options["account"], options["environment"]
    if name is not None:
        return rows.filter(account=find_account(name, environment=environment))
    return rows.filter(account__identity__environment=environment) if environment else rows
