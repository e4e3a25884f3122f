"""What the server was asked for the account on the stage, and what stands there."""

from exchange.models import Transfer
from exchange.models.transfer import State
from exchange.services.troubles import MOST_TRIES
from faults.stage import Stage


def asked(stage: Stage, verb: str, about: str = "") -> int:
    """Return how often a command was answered, once per command, whatever the answer.

    Of a transfer only the beginning counts, so one that is never finished counts, too.
    """
    is_transfer = verb in {"STOR", "RETR", "MLSD"}
    return sum(
        line.command == verb
        and about in line.argument
        and (line.code in (125, 150) or not is_transfer)
        for line in stage.magda.log
        if line.account == stage.account.name
    )


def remaining(stage: Stage, folder: str) -> list[str]:
    """Return the names that stand in one of the account's folders on the server."""
    return sorted(path.name for path in (stage.expected.home / folder).iterdir())


def settled(transfer: Transfer) -> tuple[str, str]:
    """Return how a transfer stands, and the code of its error."""
    transfer.refresh_from_db()
    return transfer.state, transfer.error_code


def leave_one_try(stage: Stage, transfer: Transfer) -> None:
    """Wait for the first try to fail, and leave one more before the delivery is given up."""

    def has_failed() -> bool:
        stage.tick()
        transfer.refresh_from_db()
        return transfer.state == State.WAITING

    stage.until(has_failed)
    Transfer.objects.filter(pk=transfer.pk).update(attempts_made=MOST_TRIES - 1)
