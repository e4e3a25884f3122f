"""Text of a foreign file that is safe to look at, and which encoding it is in."""

import codecs
import unicodedata

MAX_VALUE_LENGTH = 256
"""Characters of one value that are shown."""

UTF8 = "UTF-8"
UTF16 = "UTF-16"
WINDOWS = "Windows-1252"

_STEERING = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"})
"""Unicode's control, format (with those that turn the writing direction), separator, surrogate,
private and unassigned characters."""
_HARMLESS = frozenset("\n\t")


def legible(text: str) -> str:
    r"""Return a value with what steers or hides written as an escape such as `\u202e`.

    A value over :data:`MAX_VALUE_LENGTH` characters is cut and ends in "…". HTML has still to be
    escaped.
    """
    kept = text if len(text) <= MAX_VALUE_LENGTH else f"{text[: MAX_VALUE_LENGTH - 1]}…"
    return "".join(map(_legible_character, kept))


def decoded(content: bytes) -> tuple[str, str]:
    """Return the text of the beginning of a file, and the name of its encoding.

    UTF-16 by its byte order mark; UTF-8 when every character is whole but perhaps the last, which
    may be cut; else Windows-1252, in which any byte has a meaning or a substitute.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace"), UTF16
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        return decoder.decode(content), UTF8
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace"), WINDOWS


def _legible_character(character: str) -> str:
    if character in _HARMLESS or unicodedata.category(character) not in _STEERING:
        return character
    number = ord(character)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
