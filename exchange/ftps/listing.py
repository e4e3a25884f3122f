"""Directory listings: MLSD (RFC 3659 section 7) and LIST's Unix style, which no RFC describes."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final


class EntryKind(StrEnum):
    FILE = "file"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a listing.

    ``name`` is untrusted: it may hold separators, control characters and surrogates (bytes that are
    not UTF-8). ``size`` is in bytes, and None where the server does not tell. ``modified`` is in
    UTC; it is None for LIST, whose times bear no zone and often no year.
    """

    name: str
    size: int | None
    modified: datetime | None
    kind: EntryKind


LARGEST_SIZE: Final = 2**63 - 1
PLAUSIBLE_YEARS: Final = range(1970, 2200)

_UNIX_LINE = re.compile(
    r"""
    (?P<type>[-dlbcps])[-rwxsStTlL]{9}[.+@]?   # the rights
    \s+\d+                                     # the number of links
    (?:\s+\S+){1,2}?                           # the owner, and the group on most servers
    \s+(?P<size>\d+)
    \s+(?:
        [^\W\d]{3,}\.?\s+\d{1,2}\s+(?:\d{1,2}:\d\d|\d{4})
      | \d{4}-\d\d-\d\d\s+\d\d:\d\d
    )
    [ ](?P<name>.+)                            # one space: more belong to the name
    """,
    re.VERBOSE | re.DOTALL,
)
_UNIX_KINDS = {"-": EntryKind.FILE, "d": EntryKind.FOLDER}
_MLSD_KINDS = {"file": EntryKind.FILE, "dir": EntryKind.FOLDER}


def parse_mlsd(text: str) -> list[Entry]:
    """Read an MLSD listing; the folder itself, its parent, links and devices are left out.

    Raises:
        ValueError: a line is not MLSD. A line that were skipped would be a file that nobody ever
            collects.

    """
    return [entry for line in _lines(text) if (entry := _mlsd_entry(line)) is not None]


def parse_list(text: str) -> list[Entry]:
    """Read a LIST listing of the Unix style; links and devices are left out.

    Raises:
        ValueError: a line is of another style.

    """
    return [entry for line in _lines(text) if (entry := _unix_entry(line)) is not None]


def _lines(text: str) -> list[str]:
    # Not splitlines: that would also split names at form feeds and at Unicode's line separators.
    lines = (line.removesuffix("\r") for line in text.split("\n"))
    return [line for line in lines if line]


def _mlsd_entry(line: str) -> Entry | None:
    described, space, name = line.partition(" ")
    if not space or not name or "=" not in described:
        raise ValueError(f"not an MLSD line: {line!r}")
    pairs = (fact.partition("=") for fact in described.split(";") if fact)
    facts = {key.lower(): value for key, _, value in pairs}
    kind = _MLSD_KINDS.get(facts.get("type", "file").lower())
    if kind is None:
        return None
    size = _size(facts["size"]) if "size" in facts and kind is EntryKind.FILE else None
    return Entry(name, size, _mlsd_time(facts.get("modify", "")), kind)


def _size(digits: str) -> int | None:
    """Read a size in bytes; one that no file can have counts as not told."""
    size = int(digits)
    return size if 0 <= size <= LARGEST_SIZE else None


def _mlsd_time(value: str) -> datetime | None:
    """Read a time-val (RFC 3659 section 2.3), which is always in UTC; fractions are dropped."""
    if not value:
        return None
    moment = datetime.strptime(value.partition(".")[0], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    # A clock that far off tells nothing, and later sums with such a time would overflow.
    return moment if moment.year in PLAUSIBLE_YEARS else None


def _unix_entry(line: str) -> Entry | None:
    if re.fullmatch(r"total \d+", line):
        return None
    match = _UNIX_LINE.fullmatch(line)
    if match is None:
        raise ValueError(f"not a Unix-style LIST line: {line!r}")
    kind, name = _UNIX_KINDS.get(match["type"]), match["name"]
    if kind is None or name in {".", ".."}:
        return None
    return Entry(name, _size(match["size"]) if kind is EntryKind.FILE else None, None, kind)
