"""Workers that are killed at each point where a file is half-way."""

from collections.abc import Callable

import pytest

from exchange.models import Account
from exchange.models.transfer import State
from exchange.tests.servers.faults import Fault
from faults.stage import Stage
from faults.workers import Worker

# Big enough that the worker dies in the middle, not when all of it is in some buffer.
BIG = 3_000_000
IN_THE_MIDDLE = 1_000_000

HIT = "hit.xml"
# What follows the name is the number of transfer and attempt.
HIT_TEMPORARY = f"{HIT}."
HIT_AT_MAGDA = f"from_vip/{HIT}"

Point = Callable[[Stage, Worker], object]


def _before_connect(stage: Stage, worker: Worker) -> None:
    stage.when_arrives("CONNECT", worker.kill)


def _in_the_middle_of_stor(stage: Stage, worker: Worker) -> None:
    stage.when_under_way("STOR", worker.kill, about=HIT, after_bytes=IN_THE_MIDDLE)


def _after_226_before_size(stage: Stage, worker: Worker) -> None:
    stage.when_arrives("SIZE", worker.kill, about=HIT_TEMPORARY)


def _after_size_before_the_rename_is_noted(stage: Stage, worker: Worker) -> None:
    # Once the size is right, the portal asks with SIZE whether the final name is free.
    stage.when_answered("SIZE", worker.kill, about=HIT, after=1)


def _after_size_before_rnfr(stage: Stage, worker: Worker) -> None:
    # The command is lost with the worker.
    stage.magda.faults.append(Fault("RNFR", about=HIT, times=1, first=worker.kill))


def _between_rnfr_and_rnto(stage: Stage, worker: Worker) -> None:
    stage.when_answered("RNFR", worker.kill, about=HIT)


def _after_rnto_before_our_commit(stage: Stage, worker: Worker) -> None:
    stage.when_answered("RNTO", worker.kill, about=HIT)


def _in_the_middle_of_retr(stage: Stage, worker: Worker) -> None:
    stage.when_under_way("RETR", worker.kill, about=HIT, after_bytes=IN_THE_MIDDLE)


def _after_retr_before_fsync(stage: Stage, worker: Worker) -> None:
    # What came is compared with SIZE before it is made durable; libcurl asks once before RETR too.
    def kill_at_the_next_size() -> None:
        stage.when_arrives("SIZE", worker.kill, about=HIT)

    stage.when_answered("RETR", kill_at_the_next_size, about=HIT)


def _after_commit_before_the_remote_move(stage: Stage, worker: Worker) -> None:
    stage.magda.faults.append(Fault("RNFR", about=HIT_AT_MAGDA, times=1, first=worker.kill))


def _in_the_middle_of_the_remote_move(stage: Stage, worker: Worker) -> None:
    stage.when_answered("RNFR", worker.kill, about=HIT_AT_MAGDA)


def _after_the_move_before_the_ledger_row(stage: Stage, worker: Worker) -> None:
    stage.when_answered("RNTO", worker.kill, about=HIT)


def _after_commit_before_the_remote_deletion(stage: Stage, worker: Worker) -> None:
    _delete_after_collection(stage)
    stage.magda.faults.append(Fault("DELE", about=HIT_AT_MAGDA, times=1, first=worker.kill))


def _after_the_deletion_before_the_ledger_row(stage: Stage, worker: Worker) -> None:
    _delete_after_collection(stage)
    stage.when_answered("DELE", worker.kill, about=HIT_AT_MAGDA)


def _delete_after_collection(stage: Stage) -> None:
    Account.objects.filter(pk=stage.account.pk).update(
        after_collection=Account.AfterCollection.DELETE
    )


def _named(point: Point) -> str:
    return point.__name__.strip("_").replace("_", " ")


@pytest.mark.parametrize(
    "point",
    [
        _before_connect,
        _in_the_middle_of_stor,
        _after_226_before_size,
        _after_size_before_the_rename_is_noted,
        _after_size_before_rnfr,
        _between_rnfr_and_rnto,
        _after_rnto_before_our_commit,
    ],
    ids=_named,
)
def test_a_delivery_outlives_its_worker(stage: Stage, point: Point) -> None:
    worker = stage.start_worker()
    point(stage, worker)

    requests = [stage.submit(), stage.submit(name=HIT, size=BIG), stage.submit()]
    stage.replace(worker)
    stage.until_settled()

    for request in requests:
        request.refresh_from_db()
        assert request.state == State.DONE
    stage.check()


@pytest.mark.parametrize(
    "point",
    [
        _before_connect,
        _in_the_middle_of_retr,
        _after_retr_before_fsync,
        _after_commit_before_the_remote_move,
        _in_the_middle_of_the_remote_move,
        _after_the_move_before_the_ledger_row,
        _after_commit_before_the_remote_deletion,
        _after_the_deletion_before_the_ledger_row,
    ],
    ids=_named,
)
def test_a_collection_outlives_its_worker(stage: Stage, point: Point) -> None:
    worker = stage.start_worker()
    point(stage, worker)
    stage.place()
    stage.place(HIT, stage.content(BIG))
    stage.place()

    stage.tick()
    stage.replace(worker)
    stage.until_settled()

    stage.check()


@pytest.mark.parametrize("verb", ["STOR", "RETR"])
def test_a_worker_that_is_asked_to_end_finishes_or_hands_over(stage: Stage, verb: str) -> None:
    worker = stage.start_worker()
    stage.when_under_way(verb, worker.terminate, about=HIT, after_bytes=IN_THE_MIDDLE)
    if verb == "STOR":
        stage.submit(name=HIT, size=BIG)
    else:
        stage.place(HIT, stage.content(BIG))
        stage.tick()

    # Nobody lets a lease run out here: nothing may be held any more.
    assert worker.wait() == 0
    stage.start_worker()
    stage.until_settled(within=30)

    stage.check()


def test_a_killed_child_of_a_worker_costs_nothing(stage: Stage) -> None:
    """As by the kernel when memory runs out: the worker itself lives, and makes a new child."""
    worker = stage.start_worker()

    def kill_the_children() -> None:
        worker.kill_children()
        stage.expire_leases()

    stage.when_under_way("STOR", kill_the_children, about=HIT, after_bytes=IN_THE_MIDDLE)
    stage.submit(name=HIT, size=BIG)
    stage.place()
    stage.until_settled()

    assert worker.is_alive()
    stage.check()
