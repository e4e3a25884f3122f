"""``python -m faults``: run the fault bench.

``once`` runs each fault once, ``all`` in every combination, ``soak`` random ones for a while.
What follows is handed on to pytest: ``python -m faults once -k rename -x``.
"""

import argparse
import signal
import sys
from collections.abc import Sequence

from faults.places import Backing
from faults.runs import EVERYTHING, ONCE, SOAK, TESTS, Combination, Run, carry_out, new_seed

# Tests mostly wait, but a busy machine makes them slow.
JOBS = 2


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says; return the exit code."""
    options, rest = _parser().parse_known_args(arguments)
    seed = new_seed() if options.seed is None else options.seed
    tests, jobs = (SOAK, 1) if options.what == "soak" else (TESTS, options.jobs)
    combinations = _combinations(options)
    runs = [Run(each, seed, tests, rest, options.minutes, jobs) for each in combinations]
    # One that failed must not keep the others from telling.
    outcomes = [carry_out(run) for run in runs]
    return 0 if all(outcomes) else 1


def _combinations(options: argparse.Namespace) -> list[Combination]:
    if options.what == "all":
        return [
            each
            for each in EVERYTHING
            if options.tls in (None, each.tls) and options.on in (None, each.backing)
        ]
    return [Combination(options.tls or ONCE.tls, Backing(options.on or ONCE.backing))]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    parser.add_argument("what", choices=["once", "all", "soak"])
    parser.add_argument("--seed", type=int, help="repeat a run that failed")
    parser.add_argument("--tls", choices=["1.2", "1.3"])
    parser.add_argument("--on", choices=[str(backing) for backing in Backing])
    parser.add_argument("--jobs", type=int, default=JOBS, help="files that run side by side")
    parser.add_argument("--minutes", type=float, default=5.0, help="how long to soak")
    return parser


if __name__ == "__main__":
    # So that services are ended and folders removed when somebody ends us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main(sys.argv[1:]))
