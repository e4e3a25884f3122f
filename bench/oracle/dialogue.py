"""Whether the portal asked the server what it has to ask, by the server's own log.

A client can be told 226 for an upload of which the server holds a part; only SIZE, or a listing,
tells before the rename. A file that grows while it is fetched comes short.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

# A listing tells sizes, too, of all files at once.
_LISTINGS: Final = ("MLSD", "LIST")
Sessions = Mapping[str, Sequence[str]]
"""``STOR to_vip/a.tmp => 226`` and so on, by session."""


def deliveries_without_check(sessions: Sessions, names: Sequence[str]) -> Iterator[str]:
    """Complain of files that came to their final name other than once, or unchecked."""
    found = dict.fromkeys(names, 0)
    for said in sessions.values():
        for name, is_checked in _renames(said):
            if name in found:
                found[name] += 1
                if not is_checked:
                    yield f"{name} was renamed, and its size was not asked for before."
    for name, times in found.items():
        if times != 1:
            yield f"{name} was renamed to its final name {times} times."


def collections_without_check(sessions: Sessions, names: Sequence[str]) -> Iterator[str]:
    """Complain of files that were fetched other than once, or moved without a look at the size."""
    fetched = dict.fromkeys(names, 0)
    for said in sessions.values():
        unchecked: set[str] = set()
        for verb, argument, reply in map(_parts, said):
            name = argument.rpartition("/")[2]
            if verb == "RETR" and reply == "226" and name in fetched:
                fetched[name] += 1
                unchecked.add(name)
            elif verb == "SIZE" and reply == "213":
                unchecked.discard(name)
            elif verb in _LISTINGS:
                unchecked.clear()
            elif verb == "RNFR" and name in unchecked:
                yield f"{name} was moved, and its size was not asked for after it was fetched."
    for name, times in fetched.items():
        if times != 1:
            yield f"{name} was fetched {times} times."


def _renames(said: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Yield the final name of each rename, and whether a size was told since the upload."""
    checked: dict[str, bool] = {}
    source = ""
    for verb, argument, reply in map(_parts, said):
        if verb == "STOR":
            checked[argument] = False
        elif verb == "SIZE" and reply == "213":
            checked[argument] = True
        elif verb in _LISTINGS and reply == "226":
            checked = dict.fromkeys(checked, True)
        elif verb == "RNFR":
            source = argument
        elif verb == "RNTO" and reply == "250":
            yield argument.rpartition("/")[2], checked.pop(source, False)


def _parts(line: str) -> tuple[str, str, str]:
    command, _, reply = line.rpartition(" => ")
    verb, _, argument = command.partition(" ")
    return verb.upper(), argument, reply
