"""A process of the portal that the bench tells what to do.

It stands for one child of a Celery worker: warm, with Django loaded and its database connection
open, and it calls what Celery's tasks call.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from magda_portal.bootstrap import BASE_DIR
from magda_portal.supervisor import ending_with_parent


class PortalError(Exception):
    """The portal's side of the bench broke; the text is its traceback."""


class PortalProcess:
    """Takes one act at a time; several processes work side by side (see :func:`all_at_once`)."""

    def __init__(self, environ: Mapping[str, str], *, log: Path) -> None:
        self._log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bench.portal"],
                cwd=BASE_DIR,
                env=dict(environ),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                preexec_fn=ending_with_parent(),  # noqa: PLW1509 - it only calls the kernel
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def call(self, act: str, **arguments: Any) -> Any:
        """Have an act done, and return what it returned. Raises PortalError."""
        self.ask(act, **arguments)
        return self.answer()

    def ask(self, act: str, **arguments: Any) -> None:
        """Have an act begun; :meth:`answer` waits for its end."""
        assert self._process.stdin is not None
        line = json.dumps({"act": act, "arguments": arguments}) + "\n"
        self._process.stdin.write(line.encode())
        self._process.stdin.flush()

    def answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            text = self._log.read_text(encoding="utf-8", errors="replace")
            raise PortalError(f"A process of the portal ended:\n{text[-4000:]}")
        told = json.loads(line)
        if "error" in told:
            raise PortalError(told["error"])
        return told["result"]

    def end(self) -> None:
        """Let it end: it has nothing more to read."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


def all_at_once(processes: list[PortalProcess], act: str, **arguments: Any) -> list[Any]:
    """Have each process do the same act side by side; return what each returned."""
    for process in processes:
        process.ask(act, **arguments)
    # All are read to their end, so that none has an old answer waiting.
    answers: list[Any] = []
    errors: list[PortalError] = []
    for process in processes:
        try:
            answers.append(process.answer())
        except PortalError as error:
            errors.append(error)
    if errors:
        raise errors[0]
    return answers
