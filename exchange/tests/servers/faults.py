"""What a test can ask a misbehaving server to do, and how it can watch one.

A :class:`Fault` spoils a command, a :class:`DataFault` one data connection. A :class:`Watch` and a
:class:`Midway` spoil nothing: they call the test at an exact point, in the server's own thread.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar

SILENCE: Final = "silence"
DIES: Final = ""
COMPLETE: Final = "226 Transfer complete."
CONNECT: Final = "CONNECT"


@dataclass
class Occasion:
    """Commands ``verb`` (empty: any) whose argument holds ``about``, so many ``times``.

    The first ones pass, as many as ``after`` says.
    """

    verb: str
    about: str = field(default="", kw_only=True)
    times: int = field(default=1_000_000, kw_only=True)
    after: int = field(default=0, kw_only=True)

    def takes(self, verb: str, argument: str) -> bool:
        """Say whether this is one of them, and count it."""
        if self.verb not in ("", verb) or self.about not in argument or not self.times:
            return False
        if self.after:
            self.after -= 1
            return False
        self.times -= 1
        return True


@dataclass
class Fault(Occasion):
    """What happens at a command.

    The server answers with ``reply``; it cuts the control connection when that is :data:`DIES`, and
    neither answers nor hangs up from then on when it is :data:`SILENCE`. Where it ``obeys``, the
    command is done before that. ``first`` is called before anything else.
    """

    reply: str = field(default=DIES, kw_only=True)
    obeys: bool = field(default=False, kw_only=True)
    first: Callable[[], object] | None = field(default=None, kw_only=True)


class Ending(StrEnum):
    """How the server ends a data connection."""

    NOTIFY = "notify"
    """With TLS's close_notify (RFC 8446 section 6.1), as it should be."""
    FIN = "fin"
    """With a FIN alone: the TLS stream is cut."""
    RST = "rst"
    NEVER = "never"
    """Not at all: nothing moves any more, and no reply comes."""


@dataclass
class DataFault(Occasion):
    """What becomes of a data connection, for RETR, STOR or a listing.

    The server sends or takes ``limit`` bytes (None: all), of ``content`` where that is given and
    not of the file, and ``extra`` after them. Then the connection ``ends``. Of an upload, what
    comes after that is thrown away. The ``reply`` follows, or, when that is :data:`DIES`, the end
    of the control connection. Where it ``refuses``, that is its reply once the handshake is
    through, and no data moves.
    """

    limit: int | None = field(default=None, kw_only=True)
    content: bytes | None = field(default=None, kw_only=True)
    extra: bytes = field(default=b"", kw_only=True)
    ends: Ending = field(default=Ending.NOTIFY, kw_only=True)
    reply: str = field(default=COMPLETE, kw_only=True)
    refuses: str = field(default="", kw_only=True)


@dataclass
class Midway(Occasion):
    """Call ``call`` once ``count`` bytes of a RETR or STOR have passed (on disk, for STOR)."""

    count: int = field(kw_only=True)
    call: Callable[[], object] = field(kw_only=True)
    times: int = field(default=1, kw_only=True)


@dataclass(frozen=True, slots=True)
class Moment:
    """A command, before or after it was obeyed.

    ``path`` is where its argument lies on the server's disk (None before the login), ``source`` for
    RNTO where the file of its RNFR lies. ``reply`` is the code that is about to be sent, 0 before.
    """

    account: str
    verb: str
    argument: str
    path: Path | None = None
    source: Path | None = None
    reply: int = 0


@dataclass
class Watch(Occasion):
    """Call ``arrived`` when a command arrives, and ``obeyed`` when it was done, before its reply.

    The verb :data:`CONNECT` stands for a new connection, before its greeting. ``obeyed`` is called
    for refused commands, too (see :attr:`Moment.reply`), but not for one that a fault leaves undone
    without a reply.
    """

    arrived: Callable[[Moment], object] | None = field(default=None, kw_only=True)
    obeyed: Callable[[Moment], object] | None = field(default=None, kw_only=True)


@dataclass
class Plan:
    """All that goes wrong at one server; a test changes it at any time.

    Connections that were idle for ``forgets_after`` seconds are met with silence, as by a network
    that dropped them without a word. ``errors`` collects what the test's own calls raised.
    """

    faults: list[Fault] = field(default_factory=list)
    data_faults: list[DataFault] = field(default_factory=list)
    midways: list[Midway] = field(default_factory=list)
    watches: list[Watch] = field(default_factory=list)
    forgets_after: float = math.inf
    errors: list[Exception] = field(default_factory=list)

    def call(self, work: Callable[[], object]) -> None:
        """Call the test; what it raises is kept, so that the server goes on."""
        try:
            work()
        except Exception as error:  # noqa: BLE001 - see above
            self.errors.append(error)


AnyOccasion = TypeVar("AnyOccasion", bound=Occasion)


def first_of(occasions: Iterable[AnyOccasion], verb: str, argument: str) -> AnyOccasion | None:
    """Return the first that is meant, and count it."""
    return next((each for each in occasions if each.takes(verb, argument)), None)
