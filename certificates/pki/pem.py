"""Find blocks of one kind in a PEM file, whatever else it holds (RFC 7468).

A file of a million octets that only begins blocks must not take longer than one that holds some,
so nothing here looks past the next line of five hyphens.
"""

import base64
import binascii
import re
from dataclasses import dataclass

# The body may hold headers (RFC 1421, 4.6), and these a single hyphen.
_BODY = rb"((?:[^-]|-(?!----))*+)"


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
    begin = rb"-----BEGIN (" + label + rb")-----"
    blocks = [
        PEMBlock(text=match[0], body=match[2])
        for match in re.finditer(begin + _BODY + rb"-----END \1-----", data)
    ]
    if len(blocks) != len(re.findall(begin, data)):
        raise PEMError("a PEM block has no end")
    return blocks
