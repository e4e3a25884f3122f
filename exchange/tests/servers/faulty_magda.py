"""A practice MAGDA that goes wrong at the points that a test names."""

import logging
import math
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from exchange.tests.servers.faults import (
    CONNECT,
    DIES,
    SILENCE,
    DataFault,
    Ending,
    Fault,
    Midway,
    Moment,
    Plan,
    Watch,
    first_of,
)
from exchange.tests.servers.faulty_data import FaultyDataChannel
from sandbox.authority import Authority
from sandbox.handler import ControlChannel, Listener
from sandbox.server import PracticeMAGDA
from sandbox.settings import SandboxSettings

__all__ = ["DataFault", "Ending", "Fault", "FaultyMAGDA", "Midway", "Moment", "Watch"]

_logger = logging.getLogger(__name__)


class FaultyChannel(ControlChannel):
    """A control connection that looks for a fault before it obeys."""

    plan: Plan
    dtp_handler = FaultyDataChannel
    _fault: Fault | None = None
    _moment: Moment | None = None
    _watches: tuple[Watch, ...] = ()
    _is_mute = False
    _idle_since = math.inf

    def on_connect(self) -> None:
        self._tell_arrived(Moment("", CONNECT, ""))
        super().on_connect()

    def pre_process_command(self, line: str, cmd: str, arg: str) -> None:
        if self._is_mute or self._is_forgotten():
            self._is_mute = True
            return
        self._command, self._argument = cmd, arg
        self._tell_arrived(self._moment_of(cmd, arg))
        fault = first_of(self.plan.faults, cmd, arg)
        if fault is not None and fault.first:
            self.plan.call(fault.first)
        if fault is None or fault.obeys:
            self._fault = fault
            super().pre_process_command(line, cmd, arg)
        else:
            self._misbehave(fault)

    def respond(self, resp: str, logfun: object = _logger.debug) -> None:
        fault = None
        if not resp.startswith("1"):
            fault, self._fault = self._fault, None
            self._tell_obeyed(int(resp[:3]))
        # A connection is idle while a file goes over another one.
        if self._is_mute or self._is_forgotten():
            self._is_mute = True
        elif fault is None:
            self._idle_since = time.monotonic()
            super().respond(resp, logfun)
        else:
            self._misbehave(fault)

    def die(self) -> None:
        """Cut the connection after a transfer, with no reply to it."""
        self._tell_obeyed(0)
        self.drop()

    def _misbehave(self, fault: Fault) -> None:
        if fault.reply == SILENCE:
            self._is_mute = True
        elif fault.reply == DIES:
            self.drop()
        else:
            self.respond(fault.reply)
            if fault.reply.startswith("421"):
                self.close_when_done()

    def _is_forgotten(self) -> bool:
        return time.monotonic() - self._idle_since > self.plan.forgets_after

    # --- the test looks on

    def _moment_of(self, verb: str, argument: str) -> Moment:
        path = None if self.fs is None else Path(self.fs.ftp2fs(argument))
        source = Path(self._rnfr) if verb == "RNTO" and self._rnfr else None
        return Moment(self.username, verb, argument, path, source)

    def _tell_arrived(self, moment: Moment) -> None:
        self._moment = moment
        watches = [each for each in self.plan.watches if each.takes(moment.verb, moment.argument)]
        self._watches = tuple(watches)
        for watch in watches:
            self._tell(watch.arrived, moment)

    def _tell_obeyed(self, reply: int) -> None:
        watches, self._watches = self._watches, ()
        for watch in watches:
            assert self._moment is not None
            self._tell(watch.obeyed, replace(self._moment, reply=reply))

    def _tell(self, call: Callable[[Moment], object] | None, moment: Moment) -> None:
        if call is not None:
            self.plan.call(lambda: call(moment))


class FaultyMAGDA(PracticeMAGDA):
    """A practice MAGDA with a ``plan`` of what goes wrong; a test adds to its lists at any time."""

    def __init__(self, root: Path, authority: Authority, settings: SandboxSettings) -> None:
        self.plan = Plan()
        self.faults = self.plan.faults
        self.data_faults = self.plan.data_faults
        self.midways = self.plan.midways
        self.watches = self.plan.watches
        super().__init__(root, authority, settings)

    def _listen(self) -> Listener:
        listener = super()._listen()
        listener.handler = type(
            "BoundFaultyChannel", (FaultyChannel, listener.handler), {"plan": self.plan}
        )
        return listener
