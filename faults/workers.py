"""Real Celery workers as processes of their own, to be killed, frozen and counted."""

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from faults.services.processes import group_of, send
from magda_portal.supervisor import ending_with_parent

_PATIENCE = 60.0
_numbers = itertools.count(1)


class Worker:
    """One worker of both queues, with ``concurrency`` children that do the work.

    It leads a process group of its own, so that all of it is killed or frozen at once. ``environ``
    is added to the environment of this process.
    """

    def __init__(self, *, concurrency: int = 1, environ: Mapping[str, str] | None = None) -> None:
        self.name = f"worker-{next(_numbers)}"
        self.log_path = Path(settings.DATA_DIR) / "run" / f"{self.name}.log"
        with self.log_path.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own words
                self._command(concurrency),
                cwd=settings.BASE_DIR,
                env={**os.environ, **(environ or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=ending_with_parent(),  # noqa: PLW1509 - it only calls the kernel
            )

    def _command(self, concurrency: int) -> list[str]:
        celery = [sys.executable, "-W", "ignore:You're running the worker with superuser"]
        celery += ["-m", "celery", "--quiet", "-A", "magda_portal", "worker"]
        celery += ["--loglevel", "INFO", "--without-gossip", "--without-mingle"]
        celery += ["--without-heartbeat", "--hostname", f"{self.name}@%h"]
        return [*celery, "--queues", "rounds,transfers", "--concurrency", str(concurrency)]

    @property
    def pid(self) -> int:
        """The process id of the main process, which is its group's id too."""
        return self._process.pid

    @property
    def pids(self) -> list[int]:
        """The living processes of this worker."""
        return group_of(self.pid)

    @property
    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def await_ready(self) -> None:
        """Wait until it takes work. Raises RuntimeError when it ends instead."""
        deadline = time.monotonic() + _PATIENCE
        while " ready." not in self.log:
            if not self.is_alive() or time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} did not start:\n{self.log}")
            time.sleep(0.05)

    def kill(self) -> None:
        """End all of it at once by SIGKILL; safe to call from any thread, and twice."""
        self._signal_all(signal.SIGKILL)

    def kill_children(self) -> None:
        """End those that do the work, and leave the main process alive."""
        send(set(self.pids) - {self.pid}, signal.SIGKILL)

    def freeze(self) -> None:
        """Stop all of it by SIGSTOP."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal_all(signal.SIGCONT)

    def terminate(self) -> None:
        """Ask it to end by SIGTERM: it takes nothing new, and finishes what it has begun."""
        if self.is_alive():
            self._process.terminate()

    def wait(self, *, within: float = _PATIENCE) -> int:
        """Wait until all of it is gone; return its exit code. Raises TimeoutError."""
        deadline = time.monotonic() + within
        try:
            code = self._process.wait(within)
        except subprocess.TimeoutExpired as exc:
            raise TimeoutError(f"{self.name} did not end within {within} seconds.") from exc
        while self.pids:
            if time.monotonic() > deadline:
                raise TimeoutError(f"Children of {self.name} did not end: {self.pids}.")
            time.sleep(0.02)
        return code

    def end(self) -> None:
        """End it by force, and wait."""
        self.kill()
        self.wait()

    def _signal_all(self, number: signal.Signals) -> None:
        # Once the main process was waited for, the number may belong to somebody else; its group
        # keeps it taken as long as a child lives.
        if self._process.returncode is None or self.pids:
            os.killpg(self.pid, number)
