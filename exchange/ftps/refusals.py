"""Turns a server's refusal into an error, by reply code and by the command it answers."""

import re
from collections.abc import Callable

from exchange.ftps.errors import (
    AbortedError,
    CommandError,
    ConnectError,
    DeniedError,
    FTPSError,
    LoginError,
    NotFoundError,
    Stage,
    StorageFullError,
)
from exchange.ftps.replies import Reply, ReplyKind

# What a server says when 550 means "you may not" and not "there is no such thing".
_DENIED = re.compile(
    r"denied|not permitted|not allowed|forbidden|read.?only|permission|privilege", re.I
)
# ProFTPD's mod_tls reports a data connection without the control connection's session as EPERM.
_RESUMPTION = re.compile(r"reus|resum|session|operation not permitted", re.I)

# For these verbs a 550 is about what shall come to be, not about something that is missing.
_CREATING_VERBS = frozenset({"STOR", "RNTO", "MKD"})


def refusal(reply: Reply, *, verb: str, stage: Stage) -> FTPSError:
    """Return the error for a 4yz or 5yz reply to the command ``verb``."""
    maker = _MAKERS.get(reply.code, _refused)
    return maker(reply, verb, stage)


def is_about_resumption(reply: Reply) -> bool:
    """Say whether the server refused the data connection since its TLS session was not resumed."""
    return reply.code == 522 or (reply.code == 425 and bool(_RESUMPTION.search(reply.text)))


def _unavailable(reply: Reply, _verb: str, stage: Stage) -> FTPSError:
    return ConnectError(reply.text, code="connect.unavailable", stage=stage, reply=reply)


def _no_data_connection(reply: Reply, _verb: str, stage: Stage) -> FTPSError:
    code = "data.session_not_resumed" if is_about_resumption(reply) else "data.connect_failed"
    return AbortedError(reply.text, code=code, stage=stage, reply=reply)


def _aborted(reply: Reply, _verb: str, stage: Stage) -> FTPSError:
    return AbortedError(reply.text, stage=stage, reply=reply)


def _full(reply: Reply, _verb: str, stage: Stage) -> FTPSError:
    return StorageFullError(reply.text, stage=stage, reply=reply)


def _not_logged_in(reply: Reply, _verb: str, stage: Stage) -> FTPSError:
    return LoginError(reply.text, stage=stage, reply=reply)


def _missing_or_denied(reply: Reply, verb: str, stage: Stage) -> FTPSError:
    denied = verb in _CREATING_VERBS or _DENIED.search(reply.text)
    return (DeniedError if denied else NotFoundError)(reply.text, stage=stage, reply=reply)


def _denied(reply: Reply, _verb: str, stage: Stage) -> FTPSError:
    return DeniedError(reply.text, stage=stage, reply=reply)


def _busy_or_missing(reply: Reply, verb: str, stage: Stage) -> FTPSError:
    # ProFTPD answers 450 to LIST of a folder that is not there; elsewhere 450 means busy.
    if verb in {"LIST", "MLSD"}:
        return NotFoundError(reply.text, stage=stage, reply=reply)
    return _refused(reply, verb, stage)


def _refused(reply: Reply, _verb: str, stage: Stage) -> FTPSError:
    if stage is Stage.LOGIN:
        transient = reply.kind is ReplyKind.TRANSIENT_REFUSAL
        return LoginError(reply.text, stage=stage, reply=reply, retryable=transient)
    transient = reply.kind is ReplyKind.TRANSIENT_REFUSAL
    return CommandError(reply.text, stage=stage, reply=reply, retryable=transient)


_MAKERS: dict[int, Callable[[Reply, str, Stage], FTPSError]] = {
    421: _unavailable,
    425: _no_data_connection,
    522: _no_data_connection,
    426: _aborted,
    451: _aborted,
    450: _busy_or_missing,
    452: _full,
    552: _full,
    530: _not_logged_in,
    550: _missing_or_denied,
    553: _denied,
}
