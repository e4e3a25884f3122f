"""``python -m bench [quick|all|LINE...]``: measure the portal beside its peers, turn about."""

import argparse
import signal
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from bench.catalogue import CATALOGUE, Item, chosen
from bench.line import Line
from bench.machine import machine_facts
from bench.results import FOLDER, Results, table, write
from bench.rounds import Row, VoidRunError, measure
from bench.stand import Database

QUICK_ROUNDS = 3
ROUNDS = 5
# Both stand for a whole table; a go of single lines is never the latest.
_WHOLE = ("quick", "all")


def main(
    arguments: Sequence[str],
    *,
    catalogue: Mapping[str, Item] = CATALOGUE,
    folder: Path = FOLDER,
) -> int:
    """Do what the command line says; return 0 when every run did all of its work."""
    options = _parser().parse_args(arguments)
    try:
        names = chosen(options.lines, catalogue)
    except KeyError as error:
        _say(f"There is no line {error}; there are quick, all, {', '.join(catalogue)}.")
        return 2
    rounds = options.rounds or (QUICK_ROUNDS if options.lines == ["quick"] else ROUNDS)
    databases = list(Database) if options.database == "both" else [Database(options.database)]
    began, machine = _now(), machine_facts()
    try:
        items = {name: catalogue[name] for name in names}
        rows = list(run(items, databases, rounds=rounds, tell=_say))
    except VoidRunError as error:
        _say(f"{error}\nNothing is written: these figures would be of a portal that skips work.")
        return 1
    _show(rows)
    path = write(
        Results(rows, machine, began),
        folder=folder,
        is_whole=bool(set(_WHOLE) & set(options.lines)),
    )
    _say(f"Written to {path}.")
    return 0


def run(
    items: Mapping[str, Item],
    databases: Sequence[Database],
    *,
    rounds: int,
    tell: Callable[[str], object],
) -> Iterable[Row]:
    """Measure line after line; yields the rows of the table. Raises VoidRunError."""
    for database in databases:
        for item in items.values():
            if database not in item.databases:
                continue
            # What the lines of one name share ends with the last of them.
            with ExitStack() as stack:
                for line in item.make(database, stack):
                    yield from measured(line, rounds=rounds, database=database, tell=tell)


def measured(line: Line, *, rounds: int, database: str, tell: Callable[[str], object]) -> list[Row]:
    """Set a line up, measure it, and end what it started. Raises VoidRunError."""
    tell(f"{line.title}, on {database}")
    with line:
        return measure(line, rounds=rounds, database=database, tell=tell)


def _show(rows: Sequence[Row]) -> None:
    print(table(rows))  # noqa: T201 - for the terminal
    for row in rows:
        for name, value in row.notes.items():
            print(f"{row.line} on {row.database}: {name}: {value}")  # noqa: T201 - as above


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("lines", nargs="*", default=["quick"], metavar="quick|all|LINE")
    parser.add_argument("--rounds", type=int, help=f"{ROUNDS}, or {QUICK_ROUNDS} for quick")
    kinds = [str(each) for each in Database]
    parser.add_argument("--database", choices=[*kinds, "both"], default="both")
    return parser


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - no Django in this process


def _say(text: str) -> None:
    print(f"Bench: {text}", file=sys.stderr, flush=True)  # noqa: T201 - for the terminal


if __name__ == "__main__":
    # So that servers are ended and folders removed when somebody ends us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main(sys.argv[1:]))
