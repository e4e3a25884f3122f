"""What a line of the table is: who does the same work in turn, and what one run took."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

PORTAL: Final = "portal"


@dataclass(frozen=True, slots=True)
class Round:
    """One round of a line; ``number`` is 0 for the one that warms up and isn't counted."""

    number: int

    @property
    def counts(self) -> bool:
        return self.number > 0


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``at_most`` times what the peer takes; without a peer, ``at_most`` itself."""

    at_most: float
    peer: str = ""


class Line(ABC):
    """A piece of work that the portal and its peers do in turn.

    ``unit`` is what :meth:`run` returns: seconds, CPU seconds, MiB. ``floor`` names the peer that
    does nothing but what can't be left out; what it takes is shown as the floor of the others.
    Used as a context manager: what it starts is put on ``stack``, and ended afterwards.
    """

    name: str
    title: str
    unit: str = "s"
    limits: Sequence[Limit] = ()
    floor: str = ""
    # Rounds of a line that takes minutes; None: as many as the command line says.
    rounds: int | None = None
    warms_up: bool = True

    def __init__(self) -> None:
        self.stack = ExitStack()

    def __enter__(self) -> Self:
        try:
            self.set_up()
        except BaseException:
            self.stack.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stack.close()

    @property
    def who(self) -> Sequence[str]:
        """The portal and its peers, in the order of their turns."""
        named = [limit.peer for limit in self.limits if limit.peer]
        return list(dict.fromkeys([PORTAL, *named, *([self.floor] if self.floor else [])]))

    @abstractmethod
    def set_up(self) -> None:
        """Start what all rounds share."""

    def prepare(self, who: str, this: Round) -> None:  # noqa: B027 - some need nothing
        """Make ready what one run uses up; not timed."""

    @abstractmethod
    def run(self, who: str, this: Round) -> float:
        """Do the work; return what it took."""

    @abstractmethod
    def check(self, who: str, this: Round) -> list[str]:
        """Return what the run left undone; it is void then."""

    def notes(self) -> Mapping[str, str]:
        """Return what else is worth knowing, once all rounds are done."""
        return {}
