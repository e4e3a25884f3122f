"""Carries what our callbacks raise past libcurl, which knows no exceptions, and stops it there."""

import sys
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")
Stop = TypeVar("Stop")


class Guard:
    """Keeps the first exception of an operation's callbacks, for the operation to raise.

    From then on every guarded callback tells libcurl to stop, so that it sends no other command.
    ``halt`` is called when that happens, before libcurl hears of it. BaseException, since a signal
    handler of the worker may raise in a callback.
    """

    def __init__(self, halt: Callable[[], object]) -> None:
        self._halt = halt
        self._kept: BaseException | None = None
        self._printed_before: BaseException | None = None

    def begin(self) -> None:
        self._kept = None
        self._printed_before = _last_printed()

    @property
    def raised(self) -> BaseException | None:
        """What a callback raised since the operation began."""
        return self._kept or self._printed_since()

    def keep(self, error: BaseException) -> None:
        if self._kept is None:
            self._kept = error
            self._halt()

    def around(
        self, callback: Callable[Parameters, Answer], *, stop: Stop
    ) -> Callable[Parameters, Answer | Stop]:
        """Return the callback as libcurl may call it; ``stop`` is the answer that ends it."""

        def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Answer | Stop:
            try:
                if self._kept is None:
                    return callback(*args, **kwargs)
            except BaseException as error:  # noqa: BLE001 - raised again by the operation
                self.keep(error)
            return stop

        return guarded

    # A signal handler that raises just as a callback is entered does so before the callback's own
    # ``try``. pycurl then prints the exception with PyErr_Print, which leaves it in sys.last_value.
    # Handlers run in the main thread only: what another thread finds there is not about it.

    def _printed_since(self) -> BaseException | None:
        printed = _last_printed()
        in_main_thread = threading.current_thread() is threading.main_thread()
        return printed if in_main_thread and printed is not self._printed_before else None


def _last_printed() -> BaseException | None:
    return getattr(sys, "last_value", None)
