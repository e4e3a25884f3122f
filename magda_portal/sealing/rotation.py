"""Bring every sealed value under the ring's first key, and verify that each one opens.

Each value is replaced by one statement of its own, which changes the row only while it still holds
what was read. So the rotation may be ended at any moment, repeated, and run twice at once; and a
secret that is stored anew meanwhile is never overwritten. Rounds follow each other until one finds
nothing left to do.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from magda_portal.sealing.columns import SealedColumn, SealedValue, sealed_columns
from magda_portal.sealing.ring import Ring, SealingError, key_id_of

ROUNDS = 10
"""Whoever finds something in each of them has a process beside it that seals with an older ring."""

OnValue = Callable[[SealedColumn], object]


@dataclass(slots=True)
class Findings:
    """What stands in the database."""

    counts: Counter[str] = field(default_factory=Counter)
    """How many values name each key, those included that do not open."""
    faults: list[str] = field(default_factory=list)
    """A sentence for each value that does not open, with its place and never with its content."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did, and what it left behind."""

    rewrapped: int
    findings: Findings
    is_settled: bool
    """The last round found nothing to do; else something keeps sealing with an older key."""


def verify(ring: Ring, *, on_value: OnValue = lambda _column: None) -> Findings:
    """Open every sealed value and drop it at once, changing nothing.

    ``on_value`` is called before each.
    """
    findings = Findings()
    for column in sealed_columns():
        for value in column.values():
            on_value(column)
            with suppress(SealingError):
                findings.counts[key_id_of(value.blob)] += 1
            try:
                ring.unseal(value.blob, place=value.place)
            except SealingError as exc:
                findings.faults.append(str(exc))
    return findings


def rotate(ring: Ring, *, on_value: OnValue = lambda _column: None) -> Rotation:
    """Re-wrap what is not under the ring's first key, then verify everything.

    What does not open stays as it is and is among the faults. ``on_value`` is called before each
    value, once a round.
    """
    rewrapped = 0
    for _ in range(ROUNDS):
        done, missed = _rotate_once(ring, on_value)
        rewrapped += done
        is_settled = not done and not missed
        if is_settled:
            break
    return Rotation(rewrapped, verify(ring, on_value=on_value), is_settled)


def _rotate_once(ring: Ring, on_value: OnValue) -> tuple[int, int]:
    """Return how many values were re-wrapped, and how many changed before they could be."""
    done = missed = 0
    for column in sealed_columns():
        for value in column.values():
            on_value(column)
            blob = _rewrapped(ring, value)
            if blob == value.blob:
                continue
            if column.replace(value, blob):
                done += 1
            else:
                missed += 1
    return done, missed


def _rewrapped(ring: Ring, value: SealedValue) -> bytes:
    """Return a blob that was seen to open under the first key, or the old one if none can be."""
    try:
        blob = ring.rewrap(value.blob, place=value.place)
        if blob != value.blob:
            ring.unseal(blob, place=value.place)
    except SealingError:
        return value.blob
    return blob
