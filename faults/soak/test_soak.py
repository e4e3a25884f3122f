"""The soak; ``python -m faults soak`` runs it, and nothing else does."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from exchange.models import Account, Transfer
from exchange.models.transfer import Direction, State
from faults import oracle
from faults.run_environment import RunEnvironment
from faults.services.postgresql import PostgreSQL
from faults.services.redis import Redis
from faults.soak.chaos import Chaos
from faults.soak.driver import Driver
from faults.soak.steadiness import Sampler
from faults.stage import Stage
from faults.watched_magda import UNHURRIED, WatchedMAGDA
from faults.workers import Worker
from sandbox.authority import Authority

FILES_EACH_WAY = 500
ACCOUNTS = 6
CHILDREN = 2

# Seconds after the last fault: leases have to run out, and what waited is sent.
SETTLING = 300.0
# MAGDA picks a file up while the portal may still be looking for it.
PICK_UP_AFTER = 1.0

NewWorker = Callable[[], Worker]


@pytest.fixture
def new_worker() -> Iterator[NewWorker]:
    with ExitStack() as stack:

        def make() -> Worker:
            worker = Worker(concurrency=CHILDREN)
            stack.callback(worker.end)
            worker.await_ready()
            return worker

        yield make


@pytest.fixture
def busy_magda(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WatchedMAGDA]:
    settings = replace(UNHURRIED, pick_up_after=PICK_UP_AFTER)
    folder = tmp_path_factory.mktemp("magda")
    with WatchedMAGDA(folder, Authority.create(), settings) as server:
        yield server


@pytest.fixture
def driver(
    busy_magda: WatchedMAGDA, new_worker: NewWorker, run_environment: RunEnvironment
) -> Driver:
    run = run_environment
    dice = random.Random(run.seed)  # noqa: S311 - guards nothing
    tls = Account.HighestTLS.TLS12 if run.tls == "1.2" else Account.HighestTLS.ANY
    stages = [
        Stage(
            busy_magda, f"soak.vlaanderen.be/{number}", highest_tls=tls, seed=f"{run.seed}/{number}"
        )
        for number in range(ACCOUNTS)
    ]
    steady, victim = new_worker(), new_worker()
    redis = Redis(run.redis) if run.redis else None
    postgresql = PostgreSQL(run.postgresql) if run.postgresql else None
    chaos = Chaos(dice, busy_magda, victim, new_worker, redis, postgresql)
    return Driver(stages, FILES_EACH_WAY, chaos, steady, Sampler(), dice)


# It takes as long as it is told to.
@pytest.mark.timeout(0)
def test_the_promise_holds_after_minutes_of_random_faults(
    driver: Driver, run_environment: RunEnvironment, capsys: pytest.CaptureFixture[str]
) -> None:
    driver.rage(run_environment.minutes * 60)
    _tell(capsys, f"struck {driver.chaos.counts}")
    _tell(capsys, f"submitted {driver.submitted}, placed {driver.placed}")
    driver.settle(SETTLING)

    states = _states()
    _tell(capsys, *(f"{times} of {' '.join(kind)}" for kind, times in states.items()))
    _tell(capsys, *driver.sampler.lines())
    found = [text for stage in driver.stages for text in oracle.complaints(stage.expected)]
    assert found == []
    assert driver.sampler.complaints() == []
    # Every fault of a soak passes, so every file has to arrive.
    assert set(states) == {(Direction.DELIVERY, State.DONE), (Direction.COLLECTION, State.DONE)}


def _states() -> Counter[tuple[str, str]]:
    return Counter(Transfer.objects.values_list("direction", "state"))


def _tell(capsys: pytest.CaptureFixture[str], *lines: str) -> None:
    """Show lines at once: a soak is long."""
    with capsys.disabled():
        for line in lines:
            print(f"\n{line}", end="", flush=True)  # noqa: T201 - for the terminal
