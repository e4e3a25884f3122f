"""Find blocks of one kind in a PEM file, whatever else it holds (RFC 7468).

A file of a million octets that only begins blocks must not take longer than one that holds some,
so nothing here looks past the next line of five hyphens.
"""

import base64
import binascii
import re
from dataclasses import dataclass

# The body may hold headers (RFC 1421, 4.6), and these single hyphens, but never five.
_HYPHENS = b"-----"


class PEMError(ValueError):
    """A block has no end, or is not base64."""


@dataclass(frozen=True, slots=True)
class PEMBlock:
    """One block; ``text`` is all of it, with its first and last line."""

    text: bytes
    body: bytes

    def der(self) -> bytes:
        """Decode the body; raises PEMError."""
        try:
            return base64.b64decode(self.body)
        except binascii.Error as exc:
            raise PEMError("a PEM block is not base64") from exc


def find_blocks(data: bytes, *labels: str) -> list[PEMBlock]:
    """Return the blocks with one of these labels, such as "CERTIFICATE", as the file has them.

    Raises PEMError when one has no end: a file that was cut must not pass for a whole one.
    """
    label = "|".join(labels).encode("ascii")
    begins = re.finditer(_HYPHENS + b"BEGIN (" + label + b")" + _HYPHENS, data)
    return [_block(data, begin) for begin in begins]


def _block(data: bytes, begin: re.Match[bytes]) -> PEMBlock:
    end = _HYPHENS + b"END " + begin[1] + _HYPHENS
    stop = data.find(_HYPHENS, begin.end())
    if stop < 0 or not data.startswith(end, stop):
        raise PEMError("a PEM block has no end")
    return PEMBlock(text=data[begin.start() : stop + len(end)], body=data[begin.end() : stop])
