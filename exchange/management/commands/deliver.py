"""``manage.py deliver``: submit request files and deliver them now."""

import time
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.core.management.base import CommandParser
from django.db.models import Q
from django.utils import timezone

from exchange.advice import advice_for
from exchange.errors import SubmissionError
from exchange.filenames import shown
from exchange.management.command import (
    PortalCommand,
    account_from,
    add_account_arguments,
    advice_text,
    command_actor,
)
from exchange.management.transfer_lines import as_object, write_array
from exchange.models import Account, Transfer
from exchange.models.transfer import State
from exchange.queries import behind_refusal, stage_of
from exchange.services.delivery import deliver_batch
from exchange.services.submission import Draft, Submitter, submit
from exchange.tasks import nudge_delivery

POLL_SECONDS: Final = 0.2


class Command(PortalCommand):
    help = (
        "Submit files and try to deliver each of them once, now, also when the account is paused. "
        "What can pass stays queued. Ends with 0 when every file is delivered."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_account_arguments(parser)
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--queue", action="store_true", help="only submit; the workers deliver")
        parser.add_argument(
            "--resend", default="", metavar="REASON", help="send names again that were delivered"
        )
        parser.add_argument("--json", action="store_true", help="one array of objects")

    def work(self, options: dict[str, Any]) -> bool:
        account = account_from(options)
        submitted = self._submit(account, options["files"], options["resend"])
        if submitted and options["queue"]:
            nudge_delivery(account)
        elif submitted:
            _attempt(account, submitted)
        transfers = _read_again(submitted)
        if options["json"]:
            write_array(self.stdout, (_object(transfer) for transfer in transfers))
        for transfer in transfers:
            self._tell(transfer, with_line=not options["json"])
        all_submitted = len(submitted) == len(options["files"])
        return all_submitted and (
            options["queue"] or all(transfer.state == State.DONE for transfer in transfers)
        )

    def _submit(self, account: Account, files: list[Path], reason: str) -> list[Transfer]:
        """Submit what can be; each file that can't is told on stderr."""
        submitter = Submitter(command_actor())
        submitted = []
        for file in files:
            draft = Draft(account, file.name, submitter, resend_reason=reason)
            try:
                with file.open("rb") as content:
                    transfer = submit(draft, content=content)
            except SubmissionError as exc:
                self.complain(f"{shown(file.name)}: {_refusal(draft, exc.code)}")
            except OSError as exc:
                self.complain(f"{shown(file.name)}: it can't be read: {exc.strerror}.")
            else:
                submitted.append(transfer)
        return submitted

    def _tell(self, transfer: Transfer, *, with_line: bool) -> None:
        name = shown(transfer.final_name)
        if with_line:
            stage = stage_of(transfer).code.value
            self.say(f"{transfer.state}\t{name}\t{transfer.pk}\t{transfer.sha256}\t{stage}")
        code = transfer.error_code
        if transfer.state == State.QUEUED:
            # The batch stopped before it: the reason is the account's.
            code = code or transfer.account.trouble_code
        if code:
            self.complain(f"{name}: {advice_text(code)}")


def _refusal(draft: Draft, code: str) -> str:
    """Return why a file was refused; about its name also which transfer has it."""
    other = behind_refusal(code, account=draft.account, name=draft.name)
    if other is None:
        return advice_text(code)
    if code == "name.held":
        what = advice_for(code).what
        return f"{what} It is transfer {other.pk}; use --resend REASON to send it again. [{code}]"
    return f"{advice_text(code)} It is transfer {other.pk}."


def _attempt(account: Account, transfers: list[Transfer]) -> None:
    """Try each once over one connection, and wait for those that a worker took first."""
    ours = Q(pk__in=[transfer.pk for transfer in transfers])
    deliver_batch(account, among=ours & Q(state__in=[State.QUEUED, State.WAITING]))
    while _is_underway(ours, timezone.now()):
        time.sleep(POLL_SECONDS)


def _is_underway(ours: Q, now: datetime) -> bool:
    return Transfer.objects.filter(ours, state=State.RUNNING, lease_until__gt=now).exists()


def _read_again(transfers: list[Transfer]) -> list[Transfer]:
    rows = Transfer.objects.select_related("account__identity")
    return list(rows.filter(pk__in=[transfer.pk for transfer in transfers]).order_by("id"))


def _object(transfer: Transfer) -> object:
    return as_object(transfer, attempts=transfer.attempts.count())
