"""The data connections that go wrong, by the names of the table in ``docs/reliability.md``.

The name says what moves, how the data connection ends, and which reply follows.
"""

from dataclasses import dataclass
from typing import Final

from exchange.tests.servers.faults import COMPLETE, DIES, DataFault, Ending


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the table; ``half`` means that half of the file moves."""

    name: str
    half: bool = False
    extra: bytes = b""
    ends: Ending = Ending.NOTIFY
    reply: str = COMPLETE

    def fault(self, verb: str, *, size: int, about: str = "", times: int = 1) -> DataFault:
        """Return the fault for a file of ``size`` bytes."""
        return DataFault(
            verb,
            about=about,
            times=times,
            limit=size // 2 if self.half else None,
            extra=self.extra,
            ends=self.ends,
            reply=self.reply,
        )

    def __str__(self) -> str:
        """Return the name, by which pytest calls the test."""
        return self.name


DOWNLOADS: Final = (
    Case("short+notify+226", half=True),
    Case("short+fin+226", half=True, ends=Ending.FIN),
    Case("short+rst+226", half=True, ends=Ending.RST),
    Case("full+fin+226", ends=Ending.FIN),
    Case("short+fin+426", half=True, ends=Ending.FIN, reply="426 Transfer aborted."),
    Case("full+notify+451", reply="451 Error while reading."),
    Case("short+die", half=True, ends=Ending.FIN, reply=DIES),
    Case("full+notify+die", reply=DIES),
    Case("long+notify+226", extra=b"<!-- more than was announced -->"),
)

UPLOADS: Final = (
    Case("ok+452", reply="452 Insufficient storage."),
    Case("ok+die", reply=DIES),
    Case("half+fin+226", half=True, ends=Ending.FIN),
    Case("half+rst+226", half=True, ends=Ending.RST),
    Case("half+552", half=True, reply="552 Exceeded storage allocation."),
    Case("half+die", half=True, ends=Ending.FIN, reply=DIES),
)
