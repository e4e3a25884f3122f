"""Transfers as the commands print them: a line for people, an object for scripts."""

import json
from collections.abc import Iterable
from typing import TypedDict

from django.core.management.base import OutputWrapper

from exchange.filenames import shown
from exchange.models import Transfer
from exchange.queries import stage_code_of


class TransferObject(TypedDict):
    """What ``--json`` tells of a transfer. ``error`` is a code, or an empty text.

    ``state`` is that of the machine, ``stage`` the word that the pages use. ``resends`` is the
    number of the transfer that it sends again, ``sent_by`` the person; a command has none.
    """

    id: int
    direction: str
    state: str
    name: str
    size: int
    sha256: str
    account: str
    attempts: int
    error: str
    stage: str
    resends: int | None
    sent_by: str


def as_object(transfer: Transfer, *, attempts: int) -> TransferObject:
    """Describe a transfer; ``attempts`` counts its attempts so far."""
    return {
        "id": transfer.pk,
        "direction": transfer.direction,
        "state": transfer.state,
        "name": transfer.final_name,
        "size": transfer.size,
        "sha256": transfer.sha256,
        "account": transfer.account.name,
        "attempts": attempts,
        "error": transfer.error_code,
        "stage": stage_code_of(transfer).value,
        "resends": transfer.resends_id,
        "sent_by": str(transfer.person or ""),
    }


def as_line(transfer: Transfer, *, attempts: int) -> str:
    """Describe a transfer in columns between tabs; a remote name is made safe for a terminal."""
    fields = as_object(transfer, attempts=attempts)
    fields["name"], fields["sent_by"] = shown(fields["name"]), shown(fields["sent_by"])
    return "\t".join("" if value is None else str(value) for value in fields.values())


def write_array(stdout: OutputWrapper, objects: Iterable[object]) -> None:
    """Write a JSON array, one object a line, without ever holding all of them."""
    separator = "[\n"
    for item in objects:
        stdout.write(f"{separator}{json.dumps(item)}", ending="")
        separator = ",\n"
    stdout.write("[]" if separator == "[\n" else "\n]")
