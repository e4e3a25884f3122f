"""Which keys the database needs, told from the first bytes of its sealed values.

Cheap enough for every start. Whether each value opens to its end is for
:func:`magda_portal.sealing.rotation.verify` to say.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import OperationalError, ProgrammingError

from magda_portal.sealing.columns import SealedColumn, SealedValue, sealed_columns
from magda_portal.sealing.ring import Ring, SealingError, key_id_of, may_be_key_id


@dataclass(slots=True)
class KeyUse:
    """How the database uses one key of the ring, or one that is not in it."""

    key_id: str
    values: int = 0
    fits: bool = False
    """The ring's key of this id opens at least one of them."""


def key_uses(ring: Ring) -> list[KeyUse]:
    """Return every key that a sealed value names, and whether the ring's key of that id fits.

    A value whose head is damaged names no key: verify() reports it. A table that does not exist
    yet holds nothing, and whether the database answers is for others to say.
    """
    uses: dict[str, KeyUse] = {}
    for column in sealed_columns():
        for value in _heads(column):
            _count(ring, value, uses)
    return sorted(uses.values(), key=lambda use: use.key_id)


def _heads(column: SealedColumn) -> Iterator[SealedValue]:
    try:
        yield from column.heads()
    except (OperationalError, ProgrammingError):
        return


def _count(ring: Ring, value: SealedValue, uses: dict[str, KeyUse]) -> None:
    try:
        key_id = key_id_of(value.blob)
    except SealingError:
        return
    if not may_be_key_id(key_id):
        return
    use = uses.setdefault(key_id, KeyUse(key_id))
    use.values += 1
    if key_id not in ring.keys or use.fits:
        return
    try:
        ring.unwrap(value.blob, place=value.place)
    except SealingError:
        return
    use.fits = True
