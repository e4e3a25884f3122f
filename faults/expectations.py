"""What one account was given to do, against which the oracle holds what became of it."""

from dataclasses import dataclass, field
from pathlib import Path

from exchange.models import Account
from faults.witness import Witness


@dataclass(frozen=True, slots=True)
class Placed:
    """A file that was laid ready for us at MAGDA."""

    folder: str
    name: str
    size: int
    sha256: str


@dataclass
class Expectations:
    """One account, its home on the server's disk, and what was asked of it.

    ``requests`` are the ids of the deliveries that were submitted.
    """

    account: Account
    home: Path
    witness: Witness
    requests: list[int] = field(default_factory=list)
    placed: list[Placed] = field(default_factory=list)
