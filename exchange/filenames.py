"""Names of exchanged files: what MAGDA's tell, which we send, and how a strange one is shown.

MAGDA states no grammar for names, only `prefix_publicationname_timestamp.extension` for
publications; the prefix is agreed per subscription. The pattern here fits every published
example. It never decides whether a file is fetched, only what a page can say about it.
"""

import posixpath
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

MAX_NAME_BYTES = 200
"""Bytes in UTF-8, so that a temporary suffix still fits the usual 255 of a file system."""

TEMPORARY_SUFFIX = ".tmp"
"""MAGDA passes over names that end so (FTPS Technical Information)."""

MAX_SHOWN_LENGTH = 120
"""Characters of a name on a page or in a message."""

# What an upload's column takes; and the names of a file system, as Django cuts them.
_LONGEST_GIVEN, _LONGEST_OWN = 500, 255
_PATTERN = re.compile(
    r"(?P<prefix>.+?)_(?P<timestamp>[0-9]{14}(?:[0-9]{3})?)(?P<tail>[a-z]*)"
    r"\.(?P<extension>xml|csv|zip|gz)",
    re.IGNORECASE,
)
_SEPARATORS = frozenset("/\\")
_INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp"})
"""Unicode's control and format characters (with those that turn the writing direction) and its
line and paragraph separators."""
_NOT_SHOWN = _INVISIBLE | {"Cs", "Co", "Cn"}
_MESSAGES = {
    "name.empty": "the name is empty",
    "name.surrogates": "the name cannot be written in UTF-8",
    "name.separator": "the name holds a slash or backslash",
    "name.control_character": "the name holds a control or invisible character",
    "name.dots": "the name begins with a dot",
    "name.outer_space": "the name begins or ends with a space",
    "name.temporary_suffix": f"the name ends in {TEMPORARY_SUFFIX}",
    "name.too_long": f"the name is over {MAX_NAME_BYTES} bytes",
}

ERROR_CODES: frozenset[str] = frozenset(_MESSAGES)
"""Every code of FileNameError; each has its sentence in the app's advice."""


class FileNameError(ValueError):
    """A name under which nothing is delivered; `code` is one of ERROR_CODES."""

    retryable: ClassVar[bool] = False

    def __init__(self, code: str) -> None:
        super().__init__(_MESSAGES[code])
        self.code = code


@dataclass(frozen=True, slots=True)
class MAGDAName:
    """The parts of a name such as `pub_mut-ondernemingVKBO0200_20240417031451000.xml`."""

    prefix: str
    """As written; its case varies between files, so compare without regard to case."""
    timestamp: str
    """The 14 or 17 digits as written."""
    moment: datetime | None
    """The same as a date and time without a time zone, since MAGDA states none; None when the
    digits are no date."""
    tail: str
    """Letters between timestamp and extension, mostly none."""
    extension: str
    """In lower case, without the dot."""


def parse_name(name: str) -> MAGDAName | None:
    """Return the parts of a name in MAGDA's form, or None for any other name."""
    if (match := _PATTERN.fullmatch(name)) is None:
        return None
    return MAGDAName(
        prefix=match["prefix"],
        timestamp=match["timestamp"],
        moment=_moment(match["timestamp"]),
        tail=match["tail"],
        extension=match["extension"].lower(),
    )


def check_final_name(name: str) -> None:
    """Raise FileNameError unless a file may be delivered under this name.

    Accents, and spaces inside a name, pass. Refused is what could leave the folder, break a line
    of the control connection, hide from a listing or from the eye, or never be picked up.
    """
    if not name.strip():
        raise FileNameError("name.empty")
    categories = {unicodedata.category(character) for character in name}
    if "Cs" in categories:
        raise FileNameError("name.surrogates")
    if not _SEPARATORS.isdisjoint(name):
        raise FileNameError("name.separator")
    if not _INVISIBLE.isdisjoint(categories):
        raise FileNameError("name.control_character")
    if name.startswith("."):
        raise FileNameError("name.dots")
    if name != name.strip():
        raise FileNameError("name.outer_space")
    if name.lower().endswith(TEMPORARY_SUFFIX):
        raise FileNameError("name.temporary_suffix")
    if len(name.encode()) > MAX_NAME_BYTES:
        raise FileNameError("name.too_long")


def as_given(name: str) -> str:
    """Return a name that a stranger gave as a column of the database takes it, and no further.

    It is for showing, by :func:`shown`, and for knowing the file again.
    """
    kept = "".join(each for each in name if each != "\0" and unicodedata.category(each) != "Cs")
    return kept[-_LONGEST_GIVEN:]


def own_name(given: str) -> str:
    """Return the name that a file proposes for itself; empty when it has none.

    Folders are left out, and so is what can not be seen. Whether a file may be delivered under it
    is for :func:`check_final_name`.
    """
    last = given.replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(character for character in last if character.isprintable()).strip()
    if name in {"", ".", ".."}:
        return ""
    if len(name) <= _LONGEST_OWN:
        return name
    stem, extension = posixpath.splitext(name)
    extension = extension[:_LONGEST_OWN]
    return stem[: _LONGEST_OWN - len(extension)] + extension


def shown(name: str) -> str:
    r"""Return a remote name in a form that is safe to look at, at most 120 characters long.

    What steers, hides or separates is written as an escape such as `\x0a` or `\u202e`; an
    undecodable byte (surrogateescape) as `\xff`. A long name loses its middle, so that its
    extension stays. The result is for the eye alone: it never becomes a path, and HTML still
    has to be escaped.
    """
    # A name of any length costs no more than this: each character is shown as one or more.
    if len(name) > 2 * MAX_SHOWN_LENGTH:
        name = name[:MAX_SHOWN_LENGTH] + name[-MAX_SHOWN_LENGTH:]
    text = escaped(name)
    if len(text) <= MAX_SHOWN_LENGTH:
        return text
    tail_length = MAX_SHOWN_LENGTH // 3
    return f"{text[: MAX_SHOWN_LENGTH - tail_length - 1]}…{text[-tail_length:]}"


def escaped(name: str) -> str:
    """Return a remote name as :func:`shown` writes it, whole however long it is."""
    return "".join(_shown_character(character) for character in name)


def shown_path(path: str) -> str:
    """Return the path of a remote file for the eye, each of its names as :func:`shown` does.

    Only the name at its end is the server's to choose; the folders are the account's own settings.
    """
    return "/".join(shown(name) for name in path.split("/"))


def _shown_character(character: str) -> str:
    category = unicodedata.category(character)
    is_odd_space = category == "Zs" and character != " "
    if not (category in _NOT_SHOWN or is_odd_space or character in _SEPARATORS):
        return character
    number = ord(character)
    if 0xDC80 <= number <= 0xDCFF:
        number -= 0xDC00
    if number <= 0xFF:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def _moment(digits: str) -> datetime | None:
    try:
        return datetime.fromisoformat(f"{digits[:8]}T{digits[8:14]}.{digits[14:] or '000'}")
    except ValueError:
        return None
