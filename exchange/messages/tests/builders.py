"""Samples and small documents for the tests of this package."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

SAMPLES = Path(__file__).parent / "samples"
SHARED_SAMPLES = Path(__file__).parents[4] / "shared" / "samples"
"""MAGDA's public examples, which stand beside the checkout on some machines only."""


def sample(name: str) -> BinaryIO:
    return io.BytesIO((SAMPLES / name).read_bytes())


def shared(pattern: str) -> list[Path]:
    return sorted(SHARED_SAMPLES.glob(pattern))


def document(text: str, encoding: str = "utf-8") -> BinaryIO:
    return io.BytesIO(text.encode(encoding))


def request(reference: str = "r-1", questions: str = "") -> str:
    return (
        "<GeefX><Verzoek><Context><Naam>GeefX</Naam><Bericht><Afzender>"
        f"<Referte>{reference}</Referte></Afzender></Bericht></Context>"
        f"<Vragen>{questions}</Vragen></Verzoek></GeefX>"
    )


class Trickle(io.RawIOBase):
    """A stream that is made while it is read, and counts what was taken from it."""

    def __init__(self, pieces: Iterator[bytes], *, at_once: int = 65536) -> None:
        self._pieces = pieces
        self._rest = b""
        self._at_once = at_once
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        wanted = self._at_once if size < 0 else min(size, self._at_once)
        while len(self._rest) < wanted and (piece := next(self._pieces, b"")):
            self._rest += piece
        answer, self._rest = self._rest[:wanted], self._rest[wanted:]
        self.taken += len(answer)
        return answer
