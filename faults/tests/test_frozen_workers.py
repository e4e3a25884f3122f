"""Workers that are frozen (SIGSTOP) until their lease is over, and then go on."""

import time
from collections.abc import Callable
from datetime import datetime
from threading import Event

import pytest
from django.utils import timezone

from faults.conftest import MakeStage
from faults.stage import Stage
from faults.workers import Worker

BIG = 3_000_000
IN_THE_MIDDLE = 1_000_000
HIT = "hit.xml"

# Seconds: longer than any lease of the portal.
LONGER_THAN_A_LEASE = 65.0
# Time-outs of the connection would end it first.
PATIENT = {"FTPS_REPLY_TIMEOUT": "600", "FTPS_STALL_TIMEOUT": "600"}
# Seconds in which a worker that goes on would have done something.
A_WHILE = 4.0

Point = Callable[[Stage, Worker], Event]


def _in_the_middle_of_stor(stage: Stage, worker: Worker) -> Event:
    frozen = stage.when_under_way("STOR", worker.freeze, about=HIT, after_bytes=IN_THE_MIDDLE)
    stage.submit(name=HIT, size=BIG)
    return frozen


def _between_rnfr_and_rnto(stage: Stage, worker: Worker) -> Event:
    frozen = stage.when_answered("RNFR", worker.freeze, about=HIT)
    stage.submit(name=HIT)
    return frozen


def _in_the_middle_of_retr(stage: Stage, worker: Worker) -> Event:
    frozen = stage.when_under_way("RETR", worker.freeze, about=HIT, after_bytes=IN_THE_MIDDLE)
    stage.place(HIT, stage.content(BIG))
    stage.tick()
    return frozen


def _in_the_middle_of_the_remote_move(stage: Stage, worker: Worker) -> Event:
    frozen = stage.when_answered("RNFR", worker.freeze, about=f"from_vip/{HIT}")
    stage.place(HIT)
    stage.tick()
    return frozen


POINTS: list[Point] = [
    _in_the_middle_of_stor,
    _between_rnfr_and_rnto,
    _in_the_middle_of_retr,
    _in_the_middle_of_the_remote_move,
]


def _named(point: Point) -> str:
    return point.__name__.strip("_").replace("_", " ")


@pytest.mark.parametrize("point", POINTS, ids=_named)
def test_a_worker_whose_lease_was_taken_harms_nothing(stage: Stage, point: Point) -> None:
    """It believes that its lease still holds, as with a database whose clock runs fast.

    What protects then are the token in the row, and the one in the temporary name.
    """
    frozen = stage.start_worker()
    assert point(stage, frozen).wait(20)

    stage.expire_leases()
    stage.start_worker()
    stage.until_settled()
    frozen.thaw()
    time.sleep(A_WHILE)

    stage.until_settled()
    stage.check()


def test_a_worker_that_was_frozen_past_its_lease_changes_nothing_any_more(
    make_stage: MakeStage,
) -> None:
    """All at once, because it takes as long as a lease does."""
    stages, workers = [], []
    for point in POINTS:
        stage = make_stage()
        worker = stage.start_worker(environ=PATIENT)
        assert point(stage, worker).wait(20), _named(point)
        stages.append(stage)
        workers.append(worker)
    connections = {line.connection for line in stages[0].magda.log}

    time.sleep(LONGER_THAN_A_LEASE)
    stages[0].start_worker(concurrency=2)
    for stage in stages:
        stage.until_settled()
    thawed_at = timezone.now()
    for worker in workers:
        worker.thaw()
    time.sleep(A_WHILE)

    assert _changes(stages[0], connections, since=thawed_at) == []
    for stage in stages:
        stage.until_settled()
        stage.check()


def _changes(stage: Stage, connections: set[int], *, since: datetime) -> list[str]:
    """Return the commands after a moment that change something at the server.

    The end of a STOR that was under way before is no command.
    """
    return [
        f"#{line.connection} {line.command} {line.argument}: {line.code}"
        for line in stage.magda.log
        if line.connection in connections
        and line.time > since
        and (line.command in ("RNFR", "RNTO", "DELE") or (line.command, line.code) == ("STOR", 150))
    ]
