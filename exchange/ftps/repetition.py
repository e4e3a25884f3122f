"""When an operation is done again by itself: only where the first try cannot have had an effect."""

from collections.abc import Callable

from exchange.ftps.dialogue import Dialogue
from exchange.ftps.errors import AbortedError, ConnectError, FTPSError, UnconfirmedError

Repeatable = Callable[[FTPSError, Dialogue], bool]
"""Says whether an operation that failed can be done again without the server noticing twice."""


def always(_error: FTPSError, _dialogue: Dialogue) -> bool:
    """Repeat an operation that only reads."""
    return True


def never_sent(verb: str) -> Repeatable:
    """Repeat as long as the command with the effect was not sent."""
    return lambda _error, dialogue: verb not in dialogue.verbs


def kept_in_vain(error: FTPSError, dialogue: Dialogue, *, was_kept: bool) -> bool:
    """Say whether a new connection may do better: the old one was dead or its session stale."""
    if error.code == "data.session_not_resumed":
        return True
    if not was_kept or dialogue.reconnected:
        return False
    cut = isinstance(error, ConnectError | AbortedError | UnconfirmedError)
    return cut and (error.reply is None or error.reply.code == 421)
