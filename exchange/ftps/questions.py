"""What is asked of the server on the control connection, without changing anything there."""

from typing import Final

from exchange.ftps._curl import Handle
from exchange.ftps.errors import NotFoundError, Stage
from exchange.ftps.hashes import ALGORITHM, offers_hash, offers_xsha256, read_hash, read_xsha256
from exchange.ftps.paths import wire_path
from exchange.ftps.refusals import refusal
from exchange.ftps.replies import Reply, features

_NOT_IMPLEMENTED: Final = frozenset({500, 501, 502, 504})


def ask_features(handle: Handle) -> dict[str, str]:
    """Return what FEAT lists; nothing where the server refuses it."""
    reply = handle.command([b"*FEAT"])
    return {} if reply.is_refusal else features(reply)


def ask_size(handle: Handle, path: bytes) -> int | None:
    """Return a file's size in bytes, or None where the server has no SIZE.

    Raises:
        FTPSError: the server refuses it for this file.

    """
    reply = _size_reply(handle, path)
    if reply.code in _NOT_IMPLEMENTED:
        return None
    if reply.code != 213 or not reply.lines[0].strip().isdecimal():
        raise refusal(reply, verb="SIZE", stage=Stage.COMMAND)
    return int(reply.lines[0])


def ask_sha256(handle: Handle, path: bytes, features: dict[str, str]) -> str | None:
    """Return the SHA-256 of a file's content, or None where the server does not tell.

    Raises:
        NotFoundError: there is no such file.

    """
    if offers_hash(features):
        select = f"*OPTS HASH {ALGORITHM}".encode()
        reply = handle.command([b"TYPE I", select, b"*HASH " + path])
        return _unless_missing(reply, read_hash(reply))
    if offers_xsha256(features, path):
        reply = handle.command([b"TYPE I", b"*XSHA256 " + path])
        return _unless_missing(reply, read_xsha256(reply))
    return None


def check_folder(handle: Handle, folder: bytes) -> None:
    """Raise NotFoundError where there is no such folder.

    Some servers answer LIST of a missing folder as if it were empty; CWD they refuse. The way back
    belongs to the same operation, since relative paths start from the login folder.
    """
    if login_folder := handle.dialogue.login_folder:
        handle.command([b"CWD " + folder, b"CWD " + wire_path(login_folder)])


def _size_reply(handle: Handle, path: bytes) -> Reply:
    # SIZE counts what would be sent, so it means bytes in TYPE I only. A connection that libcurl
    # opened anew meanwhile is back at TYPE A, and its refusal says nothing about the file.
    ask = b"*SIZE " + path
    if handle.dialogue.representation == "I":
        reply = handle.command([ask])
        if handle.dialogue.representation == "I":
            return reply
    return handle.command([b"TYPE I", ask])


def _unless_missing(reply: Reply, found: str | None) -> str | None:
    if reply.code == 550:
        error = refusal(reply, verb="HASH", stage=Stage.COMMAND)
        if isinstance(error, NotFoundError):
            raise error
    return found
