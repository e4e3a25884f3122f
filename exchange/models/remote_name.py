r"""Remote names that no text column holds, in a form that one does.

A listing carries bytes that are not UTF-8 as surrogates, and may hold NUL; neither fits a column of
PostgreSQL. Each such character becomes ``\x`` and two hexadecimal digits, and a backslash ``\x5c``,
so that the name can be had back byte by byte.
"""

import re

_AWKWARD = re.compile("[\x00\\\\\udc80-\udcff]")
_ESCAPE = re.compile(r"\\x([0-9a-f]{2})")


def needs_escaping(name: str) -> bool:
    """Return whether ``name`` holds NUL or bytes that are not UTF-8."""
    return any(character == "\x00" or "\udc80" <= character <= "\udcff" for character in name)


def escaped(name: str) -> str:
    """Return ``name`` with its awkward characters written out."""
    return _AWKWARD.sub(lambda match: f"\\x{ord(match[0]) & 0xFF:02x}", name)


def unescaped(text: str) -> str:
    """Return the name that :func:`escaped` made ``text`` of."""
    return _ESCAPE.sub(lambda match: _character(int(match[1], 16)), text)


def _character(number: int) -> str:
    return chr(number) if number < 0x80 else chr(0xDC00 + number)
