"""Run child processes together: start, show their output, start again what ends, stop all.

One thread and one loop: output, ended children and signals all wake the same selector. That keeps
the fork of a new child safe, and the kernel's promise to end a child together with the thread
that started it (``PR_SET_PDEATHSIG``, see ``prctl(2)``) holds for the whole run.

Plain standard library; it knows nothing of what it runs.
"""

import ctypes
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO, TextIO

PR_SET_PDEATHSIG = 1
LONGEST_LINE = 64 * 1024  # bytes; what is longer is shown in pieces

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Child:
    """A program to keep running; the name stands before each of its lines."""

    name: str
    command: Sequence[str]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds, and how often to try."""

    first_pause: float = 1.0
    longest_pause: float = 30.0
    settled_after: float = 10.0
    """A run that lasted this long counts as a good one: the pauses begin anew."""
    tries: int = 5
    """So many short runs in a row end everything."""
    grace: float = 20.0
    """From the request to end (SIGTERM) to the end by force (SIGKILL)."""


def end_with_parent() -> None:
    """Have the kernel send SIGTERM to this process when its parent ends.

    Only Linux can promise it; elsewhere this does nothing.
    """
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def ending_with_parent() -> Callable[[], None]:
    """Return what a new child calls between fork and exec, to end when this process ends."""
    parent = os.getpid()

    def ask_kernel() -> None:
        end_with_parent()
        # The parent may have ended before the kernel was asked.
        if os.getppid() != parent:
            os._exit(1)

    return ask_kernel


@dataclass(slots=True)
class _Run:
    """One child and its present process."""

    child: Child
    process: subprocess.Popen[bytes] | None = None
    output: IO[bytes] | None = None
    """Nothing any more once the process has closed it."""
    rest: bytes = b""
    started_at: float = 0.0
    start_again_at: float = 0.0
    short_runs: int = 0

    def has_ended(self) -> bool:
        """Tell whether the process ended, without reaping it: its id stays reserved."""
        if self.process is None:
            return False
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self.process.pid, flags) is not None

    def signal_group(self, number: signal.Signals) -> None:
        """Signal the process and all that it started."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)


@dataclass
class Supervisor:
    """Keeps a list of children running until a signal comes or one of them cannot be kept up.

    The children are started in the given order and, at the end, stopped in the same order, each
    one only after the one before it ended. Each lives in a session of its own, so that Ctrl-C in
    the terminal reaches this process alone.
    """

    children: Sequence[Child]
    environ: Mapping[str, str]
    folder: Path
    patience: Patience = field(default_factory=Patience)
    out: TextIO = field(default_factory=lambda: sys.stdout)
    is_ready: Callable[[], bool] = lambda: True
    """Asked until it is true; then ``on_ready`` is called, once."""
    on_ready: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._runs = [_Run(child) for child in self.children]
        self._stopping = False
        self._in_a_hurry = False
        self._asked_at = 0.0
        self._gave_up = False

    def run(self) -> int:
        """Run until the end; return 0 after a signal, 1 when a child could not be kept up."""
        announced = False
        with self._woken_by_signals():
            try:
                for run in self._runs:
                    self._start(run)
                while not self._stopping and not self._gave_up:
                    self._wait(self._until_next_start(1.0 if announced else 0.05))
                    self._tend()
                    if not announced and self.is_ready():
                        announced = True
                        self.on_ready()
            finally:
                self.say("portal", "Stopping; Ctrl-C again ends everything at once.")
                for run in self._runs:
                    self._stop(run)
        return 1 if self._gave_up else 0

    # --- One child ------------------------------------------------------------------------------

    def _start(self, run: _Run) -> None:
        run.started_at = time.monotonic()
        run.process = subprocess.Popen(  # noqa: S603 - the commands are the caller's, no shell
            list(run.child.command),
            cwd=self.folder,
            env=dict(self.environ),
            bufsize=0,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=ending_with_parent(),  # noqa: PLW1509 - this process has one thread
        )
        assert run.process.stdout is not None
        run.output = run.process.stdout
        os.set_blocking(run.output.fileno(), False)
        self._selector.register(run.output, selectors.EVENT_READ, run)

    def _tend(self) -> None:
        """Start again what ended, after its pause."""
        for run in self._runs:
            if run.has_ended():
                self._after_end(run, code=self._reap(run))
            elif run.process is None and time.monotonic() >= run.start_again_at:
                self._start(run)

    def _until_next_start(self, longest: float) -> float:
        """Return the seconds to the next start that is due, at most ``longest``."""
        now = time.monotonic()
        pauses = [run.start_again_at - now for run in self._runs if run.process is None]
        return max(0.0, min([longest, *pauses]))

    def _after_end(self, run: _Run, *, code: int) -> None:
        if time.monotonic() - run.started_at >= self.patience.settled_after:
            run.short_runs = 0
        run.short_runs += 1
        ending = f"ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        if run.short_runs >= self.patience.tries:
            times = f"{run.short_runs} times in a row soon after its start"
            self.say(
                "portal", f"{run.child.name} {ending}, {times}; stopping. See its lines above."
            )
            self._gave_up = True
            return
        pause = self.patience.first_pause * 2 ** (run.short_runs - 1)
        pause = min(pause, self.patience.longest_pause)
        run.start_again_at = time.monotonic() + pause
        self.say("portal", f"{run.child.name} {ending}; starting it again in {pause:g} s.")

    def _stop(self, run: _Run) -> None:
        """Ask the process to end, wait, and end by force what is left of it."""
        if run.process is None:
            return
        if not run.has_ended():
            # Only the process itself: it knows in which order its own children end best.
            run.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + self.patience.grace
        while not run.has_ended():
            if time.monotonic() >= deadline or self._in_a_hurry:
                self.say("portal", f"{run.child.name} does not end by itself; ending it by force.")
                break
            self._wait(0.1)
        self._reap(run)

    def _reap(self, run: _Run) -> int:
        """End by force what is left of the group, show its last lines, return the exit code."""
        assert run.process is not None
        run.signal_group(signal.SIGKILL)
        code = run.process.wait()
        while self._show(run):
            pass
        self._forget_output(run)
        run.process = None
        return code

    def _forget_output(self, run: _Run) -> None:
        if run.rest:
            self.say(run.child.name, run.rest.decode(errors="replace"))
            run.rest = b""
        if run.output is not None:
            self._selector.unregister(run.output)
            run.output.close()
            run.output = None

    # --- Output and signals ---------------------------------------------------------------------

    def say(self, name: str, text: str) -> None:
        """Write one line with its prefix; a terminal that went away ends the run."""
        try:
            self.out.write(f"{name:<7}| {text}\n")
            self.out.flush()
        except (OSError, ValueError):
            self._stopping = True

    def _wait(self, seconds: float) -> None:
        """Wait for output, a signal or the end of a child, and show the output."""
        for key, _ in self._selector.select(seconds):
            if isinstance(key.data, _Run):
                self._show(key.data)
            else:
                key.fileobj.recv(4096)  # type: ignore[union-attr]  # the signals' socket

    def _show(self, run: _Run) -> bool:
        """Write the whole lines of one read, keep the rest; return whether there was anything."""
        part = run.output.read(LONGEST_LINE) if run.output is not None else b""
        if part == b"":
            self._forget_output(run)
        if not part:
            return False
        *lines, run.rest = (run.rest + part).split(b"\n")
        if len(run.rest) > LONGEST_LINE:
            lines, run.rest = [*lines, run.rest], b""
        for line in lines:
            self.say(run.child.name, line.decode(errors="replace"))
        return True

    @contextmanager
    def _woken_by_signals(self) -> Iterator[None]:
        """Let Ctrl-C, SIGTERM, a closed terminal and the end of a child wake the selector."""
        ours, kernels = socket.socketpair()
        ours.setblocking(False)
        kernels.setblocking(False)
        handlers: dict[signal.Signals, Callable[[int, FrameType | None], None]] = {
            signal.SIGINT: self._ask_to_stop,
            signal.SIGTERM: self._ask_to_stop,
            signal.SIGCHLD: lambda _number, _frame: None,
        }
        # Under nohup the closed terminal is to be ignored, and stays ignored.
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            handlers[signal.SIGHUP] = self._ask_to_stop
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        wakeup_before = signal.set_wakeup_fd(kernels.fileno(), warn_on_full_buffer=False)
        self._selector.register(ours, selectors.EVENT_READ)
        try:
            yield
        finally:
            signal.set_wakeup_fd(wakeup_before)
            for number, handler in before.items():
                signal.signal(number, handler)
            self._selector.close()
            ours.close()
            kernels.close()

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if not self._asked_at:
            self._asked_at = now
        # A second Ctrl-C means: now. One stop may arrive twice, from a terminal and from make.
        elif now - self._asked_at >= 1.0:
            self._in_a_hurry = True
        self._stopping = True
