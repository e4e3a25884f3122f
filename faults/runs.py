"""One run of the bench: some test files, in places of their own, side by side."""

import os
import random
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from faults.places import Backing, Place, fresh_place
from faults.run_environment import RunEnvironment
from magda_portal.bootstrap import BASE_DIR
from magda_portal.supervisor import ending_with_parent

_POLL = 0.1

# pytest's exit codes: all passed, and nothing was selected.
_PASSED, _NOTHING = 0, 5


@dataclass(frozen=True, slots=True)
class Combination:
    """A TLS version ("1.2" or "1.3") on a backing."""

    tls: str
    backing: Backing

    def __str__(self) -> str:
        return f"TLS {self.tls} on {self.backing}"


EVERYTHING = tuple(Combination(tls, backing) for backing in Backing for tls in ("1.3", "1.2"))
ONCE = Combination("1.3", Backing.SQLITE)
TESTS = Path("faults/tests")
SOAK = Path("faults/soak")


@dataclass(frozen=True, slots=True)
class Run:
    """What to run: the test files of a folder in a combination, with pytest's arguments.

    ``minutes`` is how long a soak takes, ``jobs`` how many files run side by side.
    """

    combination: Combination
    seed: int
    tests: Path
    arguments: Sequence[str] = ()
    minutes: float = 5.0
    jobs: int = 1

    def __str__(self) -> str:
        return f"{self.combination}, seed {self.seed}"

    def batches(self) -> list[list[str]]:
        """Return what pytest is called with, each time: one file, or the tests that are named."""
        named = [argument for argument in self.arguments if argument.startswith("faults/")]
        if named or self.jobs == 1:
            return [named or [str(self.tests)]]
        files = sorted((BASE_DIR / self.tests).glob("test_*.py"))
        random.Random(self.seed).shuffle(files)  # noqa: S311 - guards nothing
        return [[str(file.relative_to(BASE_DIR))] for file in files]

    def command(self, batch: Sequence[str]) -> list[str]:
        """Return pytest's command line for a batch."""
        rest = [argument for argument in self.arguments if not argument.startswith("faults/")]
        options = ["--ds=faults.settings", "-p", "no:cacheprovider", "--timeout=240"]
        options.append(f"--randomly-seed={self.seed % 2**32}")
        return [sys.executable, "-m", "pytest", *batch, *options, *rest]


def carry_out(run: Run) -> bool:
    """Run everything; say what ran and how it ended. Returns whether all tests passed."""
    began = time.monotonic()
    _say(f"{run}.")
    batches = run.batches()
    told = RunEnvironment(run.seed, run.combination.tls, minutes=run.minutes)
    with ExitStack() as stack:
        places = [
            stack.enter_context(fresh_place(run.combination.backing, told))
            for _ in range(min(run.jobs, len(batches)))
        ]
        codes = _run_side_by_side(run, batches, places)
    passed = _PASSED in codes and not codes - {_PASSED, _NOTHING}
    outcome = "passed" if passed else "failed"
    _say(f"{run}: {outcome}, {time.monotonic() - began:.0f} s.")
    return passed


def _run_side_by_side(run: Run, batches: list[list[str]], places: list[Place]) -> set[int]:
    """Run one batch in each place at a time; return the exit codes."""
    is_alone = len(batches) == 1
    waiting = deque(batches)
    idle, busy, codes = deque(places), list[_Batch](), set[int]()
    try:
        while waiting or busy:
            while waiting and idle:
                busy.append(_Batch(run, waiting.popleft(), idle.popleft(), is_alone))
            for batch in [batch for batch in busy if batch.has_ended()]:
                busy.remove(batch)
                idle.append(batch.place)
                codes.add(batch.tell())
            time.sleep(_POLL)
    finally:
        for batch in busy:
            batch.end()
    return codes


@dataclass
class _Batch:
    """One call of pytest; shown as it goes when it is the only one, else when it is over."""

    run: Run
    names: Sequence[str]
    place: Place
    is_alone: bool
    _process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own words
                self.run.command(self.names),
                cwd=BASE_DIR,
                env=self.place.environ,
                stdin=subprocess.DEVNULL,
                stdout=None if self.is_alone else output,
                preexec_fn=ending_with_parent(),  # noqa: PLW1509 - it only calls the kernel
            )

    @property
    def _output(self) -> Path:
        return self.place.folder / "output"

    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def tell(self) -> int:
        """Show one line of what passed and all of what did not; return the exit code."""
        code = self._process.returncode
        text = self._output.read_text(encoding="utf-8", errors="replace")
        if code not in (_PASSED, _NOTHING):
            _say(text)
        elif text:
            _say(f"{' '.join(self.names)}: {text.splitlines()[-1].strip(' =')}")
        return code

    def end(self) -> None:
        self._process.terminate()
        self._process.wait()


def new_seed() -> int:
    """Return a seed that nobody chose."""
    return int.from_bytes(os.urandom(4))


def _say(text: str) -> None:
    print(f"Faults: {text}", flush=True)  # noqa: T201 - for the terminal
