"""``python -m bench.seed``: fill the configured database with years of history, in minutes.

It writes to the database that DATABASE_URL or DATA_DIR names, and refuses one that holds transfers
already: the audit trail of a portal in use could never be rid of made events again.
"""

import argparse
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final

import django

if TYPE_CHECKING:
    from bench.seeding.history import Made

_AT_ONCE: Final = 20_000


def main(arguments: Sequence[str]) -> None:
    """Do what the command line says. Ends with a sentence where that can't be done."""
    parser = argparse.ArgumentParser(prog="python -m bench.seed", description=__doc__)
    parser.add_argument("--transfers", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same history")
    options = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "magda_portal.settings")
    django.setup()
    from bench.seeding.writer import hurry  # noqa: PLC0415 - after django.setup()

    began = time.monotonic()
    # In an open transaction, as in a test, SQLite takes no such settings.
    hurry()
    fill(options.transfers, options.events, seed=options.seed)
    _say(f"Done in {time.monotonic() - began:.0f} s.")


def fill(transfers: int, events: int, *, seed: int = 1) -> None:
    """Fill an empty database; ends the process where it isn't empty."""
    # Models can be imported only after django.setup().
    from django.db import transaction  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from bench.seeding import history, trail  # noqa: PLC0415
    from bench.seeding.people import make_exchangers  # noqa: PLC0415
    from bench.seeding.writer import (  # noqa: PLC0415
        TableWriter,
        refresh_statistics,
        settle_keys,
    )
    from exchange.models import Payload, RemoteFile, Transfer, TransferAttempt  # noqa: PLC0415
    from magda_portal.audit.models import AuditEvent  # noqa: PLC0415

    if Transfer.objects.exists():
        sys.exit("This database holds transfers already; made history goes into an empty one only.")
    noise = random.Random(seed)  # noqa: S311 - guards nothing
    writers = {
        Payload: TableWriter(Payload, history.PAYLOAD_COLUMNS),
        Transfer: TableWriter(Transfer, history.TRANSFER_COLUMNS),
        TransferAttempt: TableWriter(TransferAttempt, history.ATTEMPT_COLUMNS),
        RemoteFile: TableWriter(RemoteFile, history.REMOTE_COLUMNS),
        AuditEvent: TableWriter(AuditEvent, trail.COLUMNS),
    }
    past = history.History(make_exchangers(noise), count=transfers, now=timezone.now(), seed=seed)
    told = trail.Trail(transfers=transfers, count=events, first_key=writers[AuditEvent].next_key())
    written = 0
    for piece in _pieces(past.transfers(writers[Transfer].next_key())):
        with transaction.atomic():
            writers[Payload].write(past.payload_row(made) for made in piece)
            writers[Transfer].write(past.transfer_row(made) for made in piece)
            writers[TransferAttempt].write(past.attempt_row(made.key, made) for made in piece)
            writers[RemoteFile].write(
                past.remote_row(made.key, made) for made in piece if not made.is_delivery
            )
            writers[AuditEvent].write(row for made in piece for row in told.rows(made))
        written += len(piece)
        _say(f"{written:,} of {transfers:,} transfers")
    settle_keys(Transfer, TransferAttempt, RemoteFile, AuditEvent)
    refresh_statistics()


def _pieces(rows: "Iterator[Made]") -> "Iterator[list[Made]]":
    while piece := list(islice(rows, _AT_ONCE)):
        yield piece


def _say(text: str) -> None:
    print(f"Seed: {text}", file=sys.stderr, flush=True)  # noqa: T201 - for the terminal


if __name__ == "__main__":
    main(sys.argv[1:])
