"""``manage.py collect``: collect an account now."""

from typing import Any

from django.core.management.base import CommandParser

from exchange.filenames import shown
from exchange.management.command import (
    PortalCommand,
    account_from,
    add_account_arguments,
    advice_text,
)
from exchange.management.remote_file_lines import complaints, troubled_files
from exchange.management.transfer_lines import as_object, write_array
from exchange.services.collection import CollectionResult, collect


class Command(PortalCommand):
    help = (
        "Fetch all that MAGDA laid ready for an account, now, also when the account is paused. "
        "Ends with 0 when nothing failed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_account_arguments(parser)
        parser.add_argument(
            "--json", action="store_true", help="one array with an object for each collected file"
        )

    def work(self, options: dict[str, Any]) -> bool:
        account = account_from(options)
        result = collect(account, even_when_paused=True)
        if options["json"]:
            write_array(self.stdout, (as_object(row, attempts=1) for row in result.collected))
        else:
            self._tell(result)
        for line in complaints(troubled_files(account), result.failed):
            self.complain(line)
        if result.error_code:
            self.complain(advice_text(result.error_code))
        return not (result.failed or result.error_code)

    def _tell(self, result: CollectionResult) -> None:
        for row in result.collected:
            self.say(f"collected\t{shown(row.final_name)}\t{row.pk}\t{row.size}\t{row.sha256}")
        if result.error_code and not (result.released or result.picked_up):
            # The run ended before it could count.
            return
        self.say(f"cleared\t{result.released}")
        self.say(f"picked up\t{result.picked_up}")
