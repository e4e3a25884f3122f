"""Downloads that go wrong: nothing is kept, and nothing taken away, before the whole is here."""

import pytest

from exchange.tests.servers.fault_table import DOWNLOADS, Case
from exchange.tests.servers.faults import DataFault, Ending, Fault
from faults.stage import Stage
from faults.tests.dialogue import asked, remaining
from faults.workers import Worker

HIT = "hit.xml"
SMALL = 60_000
# More than the buffers on the way hold: it is cut while it is sent.
BIG = 8_000_000

CUT = [case for case in DOWNLOADS if case.half]
SIZED = [*((case, SMALL) for case in DOWNLOADS), *((case, BIG) for case in CUT)]

# Of these the whole arrives, and 226 says so: there is nothing to fetch again.
WHOLE = {"full+fin+226", "long+notify+226"}


@pytest.mark.parametrize(("case", "size"), SIZED, ids=str)
def test_a_download_that_went_wrong_is_fetched_again(
    case: Case, size: int, stage: Stage, shared_worker: Worker
) -> None:
    stage.magda.data_faults.append(case.fault("RETR", size=size, about=HIT))
    stage.place(HIT, stage.content(size))
    for _ in range(2):
        stage.place()

    stage.until_settled()

    assert asked(stage, "RETR", HIT) == (1 if case.name in WHOLE else 2)
    stage.check()


def test_a_download_that_stalls_is_fetched_again(stage: Stage, shared_worker: Worker) -> None:
    fault = DataFault("RETR", about=HIT, limit=SMALL // 2, ends=Ending.NEVER, times=1)
    stage.magda.data_faults.append(fault)
    stage.place(HIT, stage.content(SMALL))

    stage.until_settled()

    assert asked(stage, "RETR", HIT) == 2
    stage.check()


def test_a_file_that_never_comes_whole_stays_at_magda_and_stops_no_other(
    stage: Stage, shared_worker: Worker
) -> None:
    """It is tried for ever; once it comes, it is kept as any other."""
    stage.magda.data_faults.append(DataFault("RETR", about=HIT, limit=SMALL // 2))
    stage.place(HIT, stage.content(SMALL))
    for _ in range(3):
        stage.place()

    stage.until(lambda: _was_tried(stage, times=6), within=90)

    assert remaining(stage, "from_vip") == [HIT]
    assert stage.unsettled() == [f"from_vip/{HIT} is not kept and cleared"]
    row = stage.account.remote_files.get(name=HIT)
    assert row.failures >= 5
    assert row.error_code == "data.size_mismatch"
    stage.magda.data_faults.clear()
    stage.until_settled()
    stage.check()


@pytest.mark.parametrize("told", [SMALL // 2, SMALL * 2], ids=["less", "more"])
def test_a_size_that_differs_from_the_listing_is_not_believed(
    told: int, stage: Stage, shared_worker: Worker
) -> None:
    stage.magda.faults.append(Fault("SIZE", about=HIT, reply=f"213 {told}", times=4))
    stage.place(HIT, stage.content(SMALL))
    stage.place()

    stage.until_settled()

    stage.check()


def test_a_file_that_grows_while_it_is_fetched_is_fetched_whole(
    stage: Stage, shared_worker: Worker
) -> None:
    path = stage.expected.home / "from_vip" / HIT
    whole = stage.content(SMALL)

    def grow() -> None:
        path.write_bytes(whole)

    stage.place(HIT, whole)
    path.write_bytes(whole[: SMALL // 2])
    stage.when_arrives("RETR", grow, about=HIT)

    stage.until_settled()

    stage.check()


def _was_tried(stage: Stage, *, times: int) -> bool:
    stage.hurry()
    stage.tick()
    return asked(stage, "RETR", HIT) >= times
