"""A practice MAGDA that goes wrong at the points that a test names."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sandbox.authority import Authority
from sandbox.handler import ControlChannel, Listener
from sandbox.server import PracticeMAGDA
from sandbox.settings import SandboxSettings

_logger = logging.getLogger(__name__)


@dataclass
class Fault:
    """What happens at a command ``verb`` whose argument holds ``about``, so many ``times``.

    The first ones pass, as many as ``after`` says. The server answers with ``reply``, or cuts the
    control connection when that is empty. Where it ``obeys``, the command is done before that.
    ``first`` is called before anything else.
    """

    verb: str
    about: str = ""
    reply: str = ""
    times: int = 1_000_000
    after: int = 0
    obeys: bool = False
    first: Callable[[], object] | None = None

    def takes(self, verb: str, argument: str) -> bool:
        if verb != self.verb or self.about not in argument or not self.times:
            return False
        if self.after:
            self.after -= 1
            return False
        self.times -= 1
        return True


class FaultyChannel(ControlChannel):
    """A control connection that looks for a fault before it obeys."""

    faults: list[Fault]
    fault: Fault | None = None

    def pre_process_command(self, line: str, cmd: str, arg: str) -> None:
        fault = next((each for each in self.faults if each.takes(cmd, arg)), None)
        if fault is None:
            super().pre_process_command(line, cmd, arg)
            return
        if fault.first:
            fault.first()
        self._command, self._argument = cmd, arg
        if fault.obeys:
            self.fault = fault
            super().pre_process_command(line, cmd, arg)
        else:
            self._misbehave(fault)

    def respond(self, resp: str, logfun: object = _logger.debug) -> None:
        fault, self.fault = self.fault, None
        if fault is None:
            super().respond(resp, logfun)
        else:
            self._misbehave(fault)

    def _misbehave(self, fault: Fault) -> None:
        if not fault.reply:
            self.drop()
            return
        self.respond(fault.reply)
        if fault.reply.startswith("421"):
            self.close_when_done()


class FaultyMAGDA(PracticeMAGDA):
    """A practice MAGDA with a list of ``faults``, to which a test adds at any time."""

    def __init__(self, root: Path, authority: Authority, settings: SandboxSettings) -> None:
        self.faults: list[Fault] = []
        super().__init__(root, authority, settings)

    def _listen(self) -> Listener:
        listener = super()._listen()
        listener.handler = type(
            "BoundFaultyChannel", (FaultyChannel, listener.handler), {"faults": self.faults}
        )
        return listener
