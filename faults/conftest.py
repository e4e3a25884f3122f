"""The stage of each test, on a database and with workers that are real."""

import itertools
import os
from collections.abc import Callable, Generator, Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker

from exchange.models import Account
from faults.run_environment import RunEnvironment
from faults.services.postgresql import PostgreSQL
from faults.services.redis import Redis
from faults.stage import Stage
from faults.watched_magda import WatchedMAGDA
from faults.workers import Worker
from sandbox.authority import Authority

MakeStage = Callable[[], Stage]

_numbers = itertools.count(1)
_STAGES = pytest.StashKey[list[Stage]]()


@pytest.fixture(scope="session")
def run_environment() -> RunEnvironment:
    """What ``python -m faults`` decided on."""
    return RunEnvironment.read(os.environ)


@pytest.fixture(scope="session", autouse=True)
def _real_database(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let tests work on the run's own database: workers share it, so commits have to be real."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture(scope="session")
def watched_magda(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WatchedMAGDA]:
    with WatchedMAGDA(tmp_path_factory.mktemp("magda"), Authority.create()) as server:
        yield server


@pytest.fixture
def make_stage(
    watched_magda: WatchedMAGDA, run_environment: RunEnvironment, request: pytest.FixtureRequest
) -> Iterator[MakeStage]:
    """Give a function that makes stages, for tests that need several accounts."""
    stages: list[Stage] = []
    request.node.stash[_STAGES] = stages
    tls = Account.HighestTLS.TLS12 if run_environment.tls == "1.2" else Account.HighestTLS.ANY

    def make() -> Stage:
        # Other processes used the same place before.
        name = f"bench.vlaanderen.be/test-{os.getpid()}-{next(_numbers)}"
        seed = f"{run_environment.seed}:{request.node.nodeid}:{len(stages)}"
        stages.append(Stage(watched_magda, name, highest_tls=tls, seed=seed))
        return stages[-1]

    yield make
    for stage in stages:
        stage.close()


@pytest.fixture
def stage(make_stage: MakeStage) -> Stage:
    """An account of its own, at a server that all tests share."""
    return make_stage()


@pytest.fixture(scope="module")
def shared_worker() -> Iterator[Worker]:
    """One worker for all tests of a module that let it live."""
    worker = Worker(concurrency=2)
    worker.await_ready()
    yield worker
    worker.end()


@pytest.fixture
def redis(run_environment: RunEnvironment) -> Redis:
    """The broker of this run; skips where that is a folder."""
    if run_environment.redis is None:
        pytest.skip("runs with Redis only: python -m faults all")
    return Redis(run_environment.redis)


@pytest.fixture
def postgresql(run_environment: RunEnvironment) -> PostgreSQL:
    """The database of this run; skips where that is SQLite."""
    if run_environment.postgresql is None:
        pytest.skip("runs with PostgreSQL only: python -m faults all")
    return PostgreSQL(run_environment.postgresql)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the logs of the workers and the server's journal with a test that failed."""
    report = yield
    for stage in item.stash.get(_STAGES, []) if report.failed else []:
        for worker in _workers_of(item, stage):
            report.sections.append((worker.name, worker.log[-8000:]))
        report.sections.append(("journal of the server", _dialogue(stage)))
    return report


def _workers_of(item: pytest.Item, stage: Stage) -> list[Worker]:
    fixtures = item.funcargs if isinstance(item, pytest.Function) else {}
    shared = [each for each in fixtures.values() if isinstance(each, Worker)]
    return [*stage.workers, *shared]


def _dialogue(stage: Stage) -> str:
    # A connection that came no further than its handshake is nobody's.
    whose = {line.connection: line.account for line in stage.magda.log}
    ours = {"", stage.expected.account.name}
    lines = [line for line in stage.magda.log if whose[line.connection] in ours]
    return "\n".join(
        f"{line.time:%H:%M:%S.%f} #{line.connection} {line.code} {line.command} {line.argument}"
        for line in lines[-150:]
    )
