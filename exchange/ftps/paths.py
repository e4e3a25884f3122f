"""Names on the wire: UTF-8 (RFC 2640), and nothing that would end the command line early."""

from urllib.parse import quote

from exchange.ftps.config import has_control_characters
from exchange.ftps.errors import Stage, UnsafeNameError


def wire_path(path: str) -> bytes:
    """Return the path as it goes into a command.

    Surrogates, with which a listing carries bytes that are not UTF-8, become those bytes again.

    Raises:
        UnsafeNameError: the path is empty or holds control characters. libcurl sends QUOTE commands
            as they are, so a line break would start a second command.

    """
    if not path or has_control_characters(path):
        raise UnsafeNameError(f"unsafe name: {path!r}", stage=Stage.COMMAND)
    try:
        return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise UnsafeNameError(f"unsafe name: {path!r}", stage=Stage.COMMAND) from error


def file_url_path(path: str) -> str:
    """Return the path of a file, quoted for a URL, relative to the login folder unless absolute.

    Raises:
        UnsafeNameError: as :func:`wire_path`, or the path ends as only a folder's can.

    """
    wire = wire_path(path)
    if wire.endswith(b"/"):
        raise UnsafeNameError(
            f"a file's name does not end in a slash: {path!r}", stage=Stage.COMMAND
        )
    return quote(wire, safe="/")


def folder_url_path(folder: str) -> str:
    """Return the path of a folder, quoted for a URL; its slash at the end marks it as a folder."""
    return quote(wire_path(folder).rstrip(b"/") + b"/", safe="/")
