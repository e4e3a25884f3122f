"""All lines of the table, by the names that the command line takes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from bench.line import Line
from bench.lines.collect import Collect
from bench.lines.delayed import DeliverDelayed
from bench.lines.deliver import Deliver
from bench.lines.large import LargeDown, LargeUp
from bench.lines.many_accounts import ManyAccounts
from bench.lines.memory import WebMemory, WorkerMemory
from bench.lines.pages import Histories, page_lines
from bench.lines.poll import IdlePoll, NewAmongKnown
from bench.lines.start import WarmStart
from bench.lines.workers import DeliverWith
from bench.stand import Database

Make = Callable[[Database, ExitStack], Iterator[Line]]


@dataclass(frozen=True, slots=True)
class Item:
    """A name of the command line: what it makes, and where that is worth its time.

    ``databases`` are those on which the line says something of its own.
    """

    make: Make
    is_quick: bool = True
    is_in_all: bool = True
    databases: tuple[Database, ...] = tuple(Database)


def _each(*kinds: Callable[[Database], Line]) -> Make:
    return lambda database, _stack: (kind(database) for kind in kinds)


def _pages(database: Database, stack: ExitStack) -> Iterator[Line]:
    yield from page_lines(Histories(stack, database))


def _with_workers(database: Database, _stack: ExitStack) -> Iterator[Line]:
    for count in (1, 2, 4):
        yield DeliverWith(database, workers=count)


_SQLITE: Final = (Database.SQLITE,)

CATALOGUE: Final[dict[str, Item]] = {
    "deliver": Item(_each(Deliver)),
    "collect": Item(_each(Collect)),
    "deliver-20ms": Item(_each(DeliverDelayed), is_quick=False),
    "1GiB": Item(_each(LargeUp, LargeDown), is_quick=False, databases=_SQLITE),
    "memory-worker": Item(_each(WorkerMemory), is_quick=False, databases=_SQLITE),
    "memory-web": Item(
        lambda _database, _stack: iter([WebMemory()]), is_quick=False, databases=_SQLITE
    ),
    "poll": Item(_each(IdlePoll)),
    "10000-known": Item(_each(NewAmongKnown)),
    "accounts": Item(_each(ManyAccounts), is_quick=False),
    "pages": Item(_pages, is_quick=False),
    "make-run": Item(lambda _database, _stack: iter([WarmStart()]), databases=_SQLITE),
    "workers": Item(_with_workers, is_quick=False),
}


def chosen(names: Sequence[str], catalogue: Mapping[str, Item] = CATALOGUE) -> list[str]:
    """Return the names that ``quick``, ``all`` or names of lines stand for. Raises KeyError."""
    found: list[str] = []
    for name in names:
        if name == "all":
            found += [each for each, item in catalogue.items() if item.is_in_all]
        elif name == "quick":
            found += [each for each, item in catalogue.items() if item.is_quick]
        elif name in catalogue:
            found.append(name)
        else:
            raise KeyError(name)
    return list(dict.fromkeys(found))
