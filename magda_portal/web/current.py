"""Which web request an event belongs to, so that events and log lines can be laid side by side."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What an event keeps of the request that caused it; empty for jobs and commands."""

    id: str = ""
    ip_address: str = ""


_NONE = RequestFacts()
_current: ContextVar[RequestFacts] = ContextVar("current_request")


def current_request() -> RequestFacts:
    return _current.get(_NONE)


@contextmanager
def handling(request: RequestFacts) -> Iterator[None]:
    """Attach ``request`` to every event recorded inside the block."""
    token = _current.set(request)
    try:
        yield
    finally:
        _current.reset(token)
