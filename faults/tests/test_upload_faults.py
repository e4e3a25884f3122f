"""Uploads that go wrong: what is not whole never gets its final name, and is stored anew."""

import pytest

from exchange.models.transfer import State
from exchange.tests.servers.fault_table import UPLOADS, Case
from exchange.tests.servers.faults import DataFault, Ending, Fault
from faults.stage import Stage
from faults.tests.dialogue import asked, leave_one_try
from faults.workers import Worker

HIT = "hit.xml"
SMALL = 60_000
# More than the buffers on the way hold: it is cut while it is sent.
BIG = 8_000_000

CUT = [case for case in UPLOADS if case.half]
SIZED = [*((case, SMALL) for case in UPLOADS), *((case, BIG) for case in CUT)]


@pytest.mark.parametrize(("case", "size"), SIZED, ids=str)
def test_an_upload_that_went_wrong_is_made_up_for(
    case: Case, size: int, stage: Stage, shared_worker: Worker
) -> None:
    """Where the whole stands there, whatever the server said, it is renamed as it is."""
    stage.magda.data_faults.append(case.fault("STOR", size=size, about=HIT))
    hit = stage.submit(name=HIT, size=size)
    others = [stage.submit() for _ in range(2)]

    stage.until_settled()

    for transfer in (hit, *others):
        transfer.refresh_from_db()
        assert transfer.state == State.DONE
    assert asked(stage, "STOR", HIT) == (2 if case.half else 1)
    stage.check()


def test_an_upload_that_stalls_is_stored_anew(stage: Stage, shared_worker: Worker) -> None:
    fault = DataFault("STOR", about=HIT, limit=BIG // 2, ends=Ending.NEVER, times=1)
    stage.magda.data_faults.append(fault)
    hit = stage.submit(name=HIT, size=BIG)

    stage.until_settled()

    hit.refresh_from_db()
    assert hit.state == State.DONE
    assert asked(stage, "STOR", HIT) == 2
    stage.check()


def test_an_upload_that_never_works_is_given_up_and_leaves_nothing(
    stage: Stage, shared_worker: Worker
) -> None:
    stage.magda.data_faults.append(
        DataFault("STOR", about=HIT, limit=SMALL // 2, reply="552 Exceeded storage allocation.")
    )
    hit = stage.submit(name=HIT, size=SMALL)
    others = [stage.submit() for _ in range(2)]
    leave_one_try(stage, hit)

    stage.until_settled()

    hit.refresh_from_db()
    assert (hit.state, hit.error_code) == (State.FAILED, "server.full")
    for transfer in others:
        transfer.refresh_from_db()
        assert transfer.state == State.DONE
    stage.check()


@pytest.mark.parametrize("reply", ["550 No such folder.", "553 Name not allowed."])
def test_an_upload_that_is_refused_fails_at_once_and_alone(
    reply: str, stage: Stage, shared_worker: Worker
) -> None:
    stage.magda.faults.append(Fault("STOR", about=HIT, reply=reply))
    hit = stage.submit(name=HIT)
    others = [stage.submit() for _ in range(2)]

    stage.until_settled()

    hit.refresh_from_db()
    assert hit.state == State.FAILED
    assert hit.attempts.count() == 1
    for transfer in others:
        transfer.refresh_from_db()
        assert transfer.state == State.DONE
    stage.check()
