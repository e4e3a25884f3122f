"""Run a line: turn about, so that whatever else the machine does hits everybody alike."""

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from bench.line import PORTAL, Limit, Line, Round

# A peer may lose bytes and say nothing (lftp does, under TLS 1.3): its run is made again.
PEER_TRIES: Final = 4


class VoidRunError(Exception):
    """A run did not do all of the work, so its time means nothing."""

    def __init__(self, line: str, who: str, complaints: list[str]) -> None:
        shown = "\n".join(f"  {each}" for each in complaints[:20])
        more = f"\n  and {len(complaints) - 20} more" if len(complaints) > 20 else ""
        super().__init__(f"{line}: the run of {who} is void:\n{shown}{more}")
        self.complaints = complaints


@dataclass(frozen=True, slots=True)
class Spread:
    """What several runs took."""

    middle: float
    least: float
    most: float

    @classmethod
    def of(cls, values: list[float]) -> "Spread":
        return cls(median(values), min(values), max(values))


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: the portal beside one peer, or beside a bound of its own."""

    line: str
    title: str
    unit: str
    database: str
    rounds: int
    portal: Spread
    peer_name: str
    peer: Spread | None
    ratio: float
    limit: float | None
    # The ratio that would be reached by doing only what can't be left out; None: not known.
    floor: float | None
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def met(self) -> bool | None:
        return None if self.limit is None else self.ratio <= self.limit


def measure(
    line: Line, *, rounds: int, database: str, tell: Callable[[str], object] = lambda _text: None
) -> list[Row]:
    """Run a line that was set up; return its rows. Raises VoidRunError."""
    rounds = line.rounds or rounds
    taken: dict[str, list[float]] = {who: [] for who in line.who}
    for number in range(0 if line.warms_up else 1, rounds + 1):
        this = Round(number)
        for who in line.who:
            value = _one_run(line, who, this)
            if this.counts:
                taken[who].append(value)
        if this.counts:
            shown = ", ".join(f"{who} {values[-1]:.3f}" for who, values in taken.items())
            tell(f"{line.name} on {database}, round {number} of {rounds}: {shown} {line.unit}")
    spreads = {who: Spread.of(values) for who, values in taken.items()}
    return rows_of(line, spreads, rounds=rounds, database=database)


def rows_of(line: Line, spreads: dict[str, Spread], *, rounds: int, database: str) -> list[Row]:
    """Set the portal's median beside that of each peer."""
    limits = line.limits or [Limit(0.0)]
    return [
        Row(
            line=line.name,
            title=line.title,
            unit=line.unit,
            database=database,
            rounds=rounds,
            portal=spreads[PORTAL],
            peer_name=limit.peer,
            peer=spreads[limit.peer] if limit.peer else None,
            ratio=_ratio(spreads, PORTAL, limit),
            limit=limit.at_most if line.limits else None,
            floor=_ratio(spreads, line.floor, limit) if line.floor else None,
            notes=dict(line.notes()),
        )
        for limit in limits
    ]


def _ratio(spreads: dict[str, Spread], who: str, limit: Limit) -> float:
    return spreads[who].middle / (spreads[limit.peer].middle if limit.peer else 1.0)


def _one_run(line: Line, who: str, this: Round) -> float:
    for _ in range(PEER_TRIES):
        line.prepare(who, this)
        value = line.run(who, this)
        complaints = line.check(who, this)
        if not complaints:
            return value
        if who == PORTAL:
            break
    raise VoidRunError(line.name, who, complaints)
