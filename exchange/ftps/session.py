"""Work over a connection that is kept, dropped after errors, and made anew where that helps."""

import time
from collections.abc import Callable
from typing import TypeVar

from exchange.ftps._curl import Handle
from exchange.ftps._options import Setup
from exchange.ftps.dialogue import Dialogue
from exchange.ftps.errors import CommandError, FTPSError, Stage
from exchange.ftps.keeper import HandleKeeper
from exchange.ftps.questions import ask_features
from exchange.ftps.repetition import Repeatable, kept_in_vain
from exchange.ftps.results import ConnectionFacts
from exchange.ftps.transcript import Transcript

Result = TypeVar("Result")


class Session:
    """The control connection of a client: one at a time, opened by the first work that needs it."""

    def __init__(self, setup: Setup, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.transcript = Transcript()
        self.connection = ConnectionFacts()
        """What is known of the latest connection."""
        self._setup = setup
        self._handles = HandleKeeper(self._new_handle, clock=clock)
        self._features: tuple[Handle, dict[str, str]] | None = None
        self._dialogues: list[Dialogue] = []

    @property
    def control_connections(self) -> int:
        return sum(dialogue.control_connections for dialogue in self._dialogues)

    def close(self) -> None:
        self._features = None
        self._handles.drop()

    def run(self, work: Callable[[Handle], Result], *, repeatable: Repeatable) -> Result:
        """Do the work, and once more where the kept connection was dead and it is repeatable."""
        handle = self._handles.current()
        was_kept = handle.used
        try:
            return self._attempt(handle, work)
        except FTPSError as error:
            if not kept_in_vain(error, handle.dialogue, was_kept=was_kept):
                raise
            if not repeatable(error, handle.dialogue):
                raise
        return self._attempt(self._handles.current(), work)

    def run_apart(self, work: Callable[[Handle], Result]) -> Result:
        """Do the work over a connection of its own that reuses nothing, no TLS session either."""
        handle = self._new_handle(resume_sessions=False)
        try:
            return work(handle)
        finally:
            self._remember(handle)
            handle.close()

    def features_of(self, handle: Handle) -> dict[str, str]:
        """Return what FEAT lists, asked for once per connection."""
        if self._features is None or self._features[0] is not handle:
            self._features = handle, ask_features(handle)
        return self._features[1]

    def _attempt(self, handle: Handle, work: Callable[[Handle], Result]) -> Result:
        keep = False
        try:
            result = work(handle)
            keep = True
        except CommandError as error:
            # A plain refusal without a data connection leaves the dialogue in step.
            keep = error.reply is not None and error.stage is Stage.COMMAND
            raise
        finally:
            self._remember(handle)
            if not keep:
                self._handles.drop()
        return result

    def _new_handle(self, *, resume_sessions: bool = True) -> Handle:
        behind_proxy = self._setup.endpoint.proxy is not None
        dialogue = Dialogue(self.transcript, behind_proxy=behind_proxy)
        self._dialogues.append(dialogue)
        return Handle(self._setup, dialogue, resume_sessions=resume_sessions)

    def _remember(self, handle: Handle) -> None:
        self.connection = ConnectionFacts(*handle.addresses, handle.dialogue.tls_version)
