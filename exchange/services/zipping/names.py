"""Names inside a ZIP file: safe on every system, and no two of them equal on any."""

import re
import unicodedata
from typing import Final

from exchange.filenames import escaped

MOST_BYTES: Final = 150
"""Of one name in UTF-8: with its folder it stays below what Windows takes of a whole path."""
# What Windows takes in no name, and what steers in some shells.
_FORBIDDEN: Final = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')
# Windows opens a device under these, whatever the extension.
_DEVICE: Final = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)", re.IGNORECASE)
_EXTENSION: Final = re.compile(r"\.[A-Za-z0-9]{1,8}$")


def safe_name(name: str, *, most_bytes: int = MOST_BYTES) -> str:
    r"""Return ``name`` as one that can be a file's on every system; never empty.

    What steers, hides or separates becomes an escape such as `_u202e`, or an underscore. A long
    name keeps its beginning and its extension.
    """
    text = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", escaped(name)))
    text = text.strip(" ").rstrip(". ")
    # A name that begins with a dot hides, and with a hyphen is taken for an option.
    text = re.sub(r"^[.\-~]+", "_", text)
    if _DEVICE.match(text):
        text = f"_{text}"
    return _shortened(text or "_", most_bytes)


class NameRegister:
    """Gives each file of a ZIP a name of its own."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, name: str, *, folder: str = "") -> str:
        """Return a path for ``name``, in ``folder`` unless that is empty, that none has yet.

        Names that differ in case only are equal on Windows and macOS, so they are equal here.
        """
        wanted = safe_name(name)
        path, number = _joined(folder, wanted), 1
        while path.casefold() in self._taken:
            number += 1
            path = _joined(folder, _numbered(wanted, number))
        self._taken.add(path.casefold())
        return path


def _joined(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _numbered(name: str, number: int) -> str:
    extension = _extension(name)
    return f"{name.removesuffix(extension)} ({number}){extension}"


def _shortened(name: str, most_bytes: int) -> str:
    if len(name.encode()) <= most_bytes:
        return name
    extension = _extension(name)
    room = most_bytes - len(extension) - 1
    beginning = name.encode()[:room].decode(errors="ignore")
    return f"{beginning.rstrip('. ')}~{extension}"


def _extension(name: str) -> str:
    found = _EXTENSION.search(name)
    return found[0] if found else ""
