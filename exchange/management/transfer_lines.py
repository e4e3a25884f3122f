"""Transfers as the commands print them: a line for people, an object for scripts."""

import json
from collections.abc import Iterable
from typing import TypedDict

from django.core.management.base import OutputWrapper

from exchange.filenames import shown
from exchange.models import Transfer


class TransferObject(TypedDict):
    """What ``--json`` tells of a transfer. ``error`` is a code, or an empty text."""

    id: int
    direction: str
    state: str
    name: str
    size: int
    sha256: str
    account: str
    attempts: int
    error: str


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
    }


def as_line(transfer: Transfer, *, attempts: int) -> str:
    """Describe a transfer in columns between tabs; a remote name is made safe for a terminal."""
    fields = as_object(transfer, attempts=attempts)
    fields["name"] = shown(fields["name"])
    return "\t".join(str(value) for value in fields.values())


def write_array(stdout: OutputWrapper, objects: Iterable[object]) -> None:
    """Write a JSON array, one object a line, without ever holding all of them."""
    separator = "[\n"
    for item in objects:
        stdout.write(f"{separator}{json.dumps(item)}", ending="")
        separator = ",\n"
    stdout.write("[]" if separator == "[\n" else "\n]")
