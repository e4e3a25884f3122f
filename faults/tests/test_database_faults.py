"""A database that is restarted, away or busy costs time, and never a file."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Timer

import pytest
from django.conf import settings
from django.db import connections

from exchange.models.transfer import State
from faults.run_environment import RunEnvironment
from faults.services.postgresql import PostgreSQL
from faults.stage import Stage
from faults.workers import Worker

BIG = 3_000_000
IN_THE_MIDDLE = 1_000_000
# Seconds that the database is away, that something may take to happen, and without a line of log.
AWAY = 4.0
SOON = 30.0
QUIET = 1.5

Act = Callable[[], object]
Point = Callable[[Stage, Act], Event]


def _in_the_middle_of_stor(stage: Stage, act: Act) -> Event:
    return stage.when_under_way("STOR", act, about="hit.xml", after_bytes=IN_THE_MIDDLE)


def _between_rnto_and_our_commit(stage: Stage, act: Act) -> Event:
    return stage.when_answered("RNTO", act, about="hit.xml")


def _in_the_middle_of_retr(stage: Stage, act: Act) -> Event:
    return stage.when_under_way("RETR", act, about="hit.xml", after_bytes=IN_THE_MIDDLE)


def _between_the_move_at_magda_and_our_commit(stage: Stage, act: Act) -> Event:
    return stage.when_answered("RNTO", act, about="cache/from_vip")


def name_of(point: Point) -> str:
    return point.__name__.strip("_")


deliveries = pytest.mark.parametrize(
    "point", [_in_the_middle_of_stor, _between_rnto_and_our_commit], ids=name_of
)
collections = pytest.mark.parametrize(
    "point", [_in_the_middle_of_retr, _between_the_move_at_magda_and_our_commit], ids=name_of
)


def is_idle(worker: Worker) -> bool:
    """Say whether a worker has ended all it took, and for a while has found nothing to take.

    Between two tasks, of which the first called for the second, it has ended all it took, too.
    """
    log = worker.log
    is_quiet = time.time() - worker.log_path.stat().st_mtime > QUIET
    return is_quiet and log.count(" received") == log.count(" succeeded in ")


def settles(stage: Stage, worker: Worker) -> None:
    """Let the work be finished by a worker that lived on, and hold the promise against it."""
    # Ours are as broken as the workers' were.
    connections.close_all()
    stage.expire_leases()
    stage.until_settled()
    assert "Traceback" not in worker.log
    stage.check()


@pytest.mark.usefixtures("postgresql")
class TestPostgreSQL:
    """Restarted in immediate mode, as by a crash, or away for some seconds."""

    @deliveries
    def test_a_restart_in_a_delivery_neither_loses_nor_repeats_it(
        self, stage: Stage, postgresql: PostgreSQL, point: Point
    ) -> None:
        worker = stage.start_worker()
        processes = worker.pids
        restarted = point(stage, postgresql.restart_immediately)

        request = stage.submit(name="hit.xml", size=BIG)
        assert restarted.wait(SOON)

        settles(stage, worker)
        request.refresh_from_db()
        assert request.state == State.DONE
        assert worker.pids == processes

    @collections
    def test_a_restart_in_a_collection_keeps_and_clears_each_file_once(
        self, stage: Stage, postgresql: PostgreSQL, point: Point
    ) -> None:
        worker = stage.start_worker()
        processes = worker.pids
        restarted = point(stage, postgresql.restart_immediately)

        stage.place("hit.xml", stage.content(BIG))
        stage.place()
        stage.hurry()
        stage.tick()
        assert restarted.wait(SOON)

        settles(stage, worker)
        assert worker.pids == processes

    def test_a_restart_between_two_tasks_goes_unnoticed(
        self, stage: Stage, postgresql: PostgreSQL
    ) -> None:
        worker = stage.start_worker()
        processes = worker.pids
        stage.submit()
        stage.until_settled()
        stage.until(lambda: is_idle(worker))

        postgresql.restart_immediately()
        connections.close_all()
        stage.submit()
        stage.place()

        stage.until_settled()
        assert worker.pids == processes
        assert "database away" not in worker.log
        stage.check()

    def test_while_it_is_away_each_task_leaves_one_line_and_then_work_goes_on(
        self, stage: Stage, postgresql: PostgreSQL
    ) -> None:
        worker = stage.start_worker()
        processes = worker.pids
        gone = _between_rnto_and_our_commit(stage, postgresql.stop_immediately)
        stage.submit(name="hit.xml")
        assert gone.wait(SOON)

        for _ in range(3):
            stage.tick()
            time.sleep(AWAY / 3)
        postgresql.start()

        told = [line for line in worker.log.splitlines() if "database away" in line]
        # The delivery, and two rounds for each tick.
        assert 3 <= len(told) <= 12, told
        settles(stage, worker)
        assert worker.pids == processes

    @pytest.mark.parametrize(
        "point", [_in_the_middle_of_stor, _between_rnto_and_our_commit], ids=name_of
    )
    def test_when_it_freezes_for_a_while_the_worker_waits_and_goes_on(
        self, stage: Stage, postgresql: PostgreSQL, point: Point
    ) -> None:
        worker = stage.start_worker()
        processes = worker.pids

        def freeze_for_a_while() -> None:
            postgresql.freeze()
            Timer(AWAY, postgresql.thaw).start()

        frozen = point(stage, freeze_for_a_while)
        stage.submit(name="hit.xml", size=BIG)
        assert frozen.wait(SOON)

        settles(stage, worker)
        assert worker.pids == processes


# --- SQLite


def test_six_writers_at_once_are_never_locked_out(
    stage: Stage, tmp_path: Path, run_environment: RunEnvironment
) -> None:
    """Four submit while two deliver, and rounds are made."""
    if run_environment.postgresql is not None:
        pytest.skip("runs with SQLite only: python -m faults once")
    workers = [stage.start_worker() for _ in range(2)]
    go = tmp_path / "go"
    submitters = [_submitter(stage, f"writer-{number}", 15, go) for number in range(4)]
    for submitter in submitters:
        assert submitter.stdout is not None
        assert submitter.stdout.readline() == "ready\n"

    go.touch()
    while any(submitter.poll() is None for submitter in submitters):
        stage.tick()
        time.sleep(0.1)
    said = [submitter.communicate()[0] for submitter in submitters]
    assert [submitter.returncode for submitter in submitters] == [0, 0, 0, 0]
    outcomes = [json.loads(text) for text in said]
    for outcome in outcomes:
        stage.expected.requests.extend(outcome["submitted"])

    assert len(stage.expected.requests) == 60
    # The time-out of SQLite is twenty.
    assert max(outcome["slowest"] for outcome in outcomes) < 10
    stage.until_settled(within=90)
    for worker in workers:
        assert "locked" not in worker.log
        assert "Traceback" not in worker.log
    stage.check()


def _submitter(stage: Stage, prefix: str, count: int, go: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "faults.submitter", str(stage.account.pk), prefix]
    return subprocess.Popen(
        [*command, str(count), str(go)],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
