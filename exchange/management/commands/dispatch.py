"""``manage.py dispatch``: do once what beat and the workers do."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from exchange.filenames import shown
from exchange.management.command import PortalCommand, advice_text
from exchange.management.remote_file_lines import complaints, troubled_files
from exchange.models import Account, Transfer
from exchange.models.transfer import State
from exchange.queries import stage_of
from exchange.services.collection import CollectionResult
from exchange.services.dispatch import DispatchResult, run_due, run_everything_now
from exchange.services.retention import release_dead_leases
from exchange.services.stalled import free_stalled_transfers

# Somebody else does that work already.
NOT_OURS = frozenset(
    {"collection.already_running", "collection.taken_over", "account.connections_busy"}
)


class Command(PortalCommand):
    help = "Deliver and collect all that is due, once, in the foreground."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--now", action="store_true", help="also what waits for its next try or for a pause"
        )

    def work(self, options: dict[str, Any]) -> bool:
        now = timezone.now()
        free_stalled_transfers(now=now)
        release_dead_leases()
        return self._tell(run_everything_now() if options["now"] else run_due())

    def _tell(self, result: DispatchResult) -> bool:
        delivered = [self._tell_delivery(transfer) for transfer in _read_again(result.attempted)]
        collected = [
            self._tell_collection(account, outcome)
            for account, outcome in result.collections.items()
        ]
        for account in result.broken_off:
            self.complain(f"{account.name}: broke off; the log says why.")
        return all(delivered) and all(collected) and not result.broken_off

    def _tell_delivery(self, transfer: Transfer) -> bool:
        name = shown(transfer.final_name)
        stage = stage_of(transfer).code.value
        self.say(f"{transfer.state}\t{name}\t{transfer.pk}\t{transfer.account.name}\t{stage}")
        if transfer.error_code:
            self.complain(f"{name}: {advice_text(transfer.error_code)}")
        return transfer.state == State.DONE

    def _tell_collection(self, account: Account, result: CollectionResult) -> bool:
        for row in result.collected:
            self.say(f"collected\t{shown(row.final_name)}\t{row.pk}\t{account.name}")
        # Others wait for their next try, and were told when they failed.
        failed = [
            item for item in troubled_files(account) if shown(item.file.wire_name) in result.failed
        ]
        for line in complaints(failed, result.failed):
            self.complain(line)
        if result.error_code and result.error_code not in NOT_OURS:
            self.complain(f"{account.name}: {advice_text(result.error_code)}")
            return False
        return not result.failed


def _read_again(transfers: list[Transfer]) -> list[Transfer]:
    rows = Transfer.objects.select_related("account__identity")
    return list(rows.filter(pk__in=[transfer.pk for transfer in transfers]).order_by("id"))
