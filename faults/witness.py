"""What the server itself sees of the promise, written down at the moment when it happens.

Two things can't be told afterwards: whether a file stood under its final name in part, be it for a
moment, and whether a file that was taken away was safely kept by then.
"""

import threading
from dataclasses import dataclass
from pathlib import Path

from faults.disk import fingerprint
from faults.keeping import why_not_safely_kept

TO_VIP = "to_vip"
FROM_VIP = "from_vip"
TEMPORARY_SUFFIX = ".tmp"


@dataclass(frozen=True, slots=True)
class Appearance:
    """A file came to stand under a final name in ``to_vip``, with this content."""

    account: str
    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Breach:
    """Something that must never happen, seen by the server."""

    account: str
    what: str


class Witness:
    """Writes down appearances and breaches; paths are relative to the account's home."""

    def __init__(self) -> None:
        self._appearances: list[Appearance] = []
        self._breaches: list[Breach] = []
        self._lock = threading.Lock()

    def appearances(self, account: str) -> list[Appearance]:
        with self._lock:
            return [each for each in self._appearances if each.account == account]

    def breaches(self, account: str) -> list[str]:
        with self._lock:
            return [each.what for each in self._breaches if each.account == account]

    def before_storing(self, account: str, path: str) -> None:
        """Look at a STOR or APPE before it is obeyed."""
        if is_final(path):
            self._breach(account, f"{path} is written under its final name.")

    def before_moving(self, account: str, home: Path, source: str, target: str) -> None:
        """Look at an RNTO before it is obeyed."""
        if is_final(source):
            self._breach(account, f"{source} was under its final name and is moved to {target}.")
        self._before_taking_away(account, home, source)

    def before_deleting(self, account: str, home: Path, path: str) -> None:
        """Look at a DELE before it is obeyed."""
        if is_final(path):
            self._breach(account, f"{path} was under its final name and is deleted.")
        self._before_taking_away(account, home, path)

    def after_moving(self, account: str, home: Path, target: str) -> None:
        """Look at an RNTO once it is obeyed, before its reply is sent."""
        if not is_final(target) or not (home / target).is_file():
            return
        size, sha256 = fingerprint(home / target)
        with self._lock:
            self._appearances.append(Appearance(account, Path(target).name, size, sha256))

    def _before_taking_away(self, account: str, home: Path, path: str) -> None:
        if Path(path).parent.as_posix() != FROM_VIP or not (home / path).is_file():
            return
        _, sha256 = fingerprint(home / path)
        complaint = why_not_safely_kept(account, FROM_VIP, Path(path).name, sha256)
        if complaint:
            self._breach(account, f"{path} is taken away from MAGDA, but {complaint}.")

    def _breach(self, account: str, what: str) -> None:
        with self._lock:
            self._breaches.append(Breach(account, what))


def is_final(path: str) -> bool:
    """Return whether a path is a final name in ``to_vip``, where MAGDA would pick it up."""
    inside = Path(path)
    return inside.parent.as_posix() == TO_VIP and not path.endswith(TEMPORARY_SUFFIX)
