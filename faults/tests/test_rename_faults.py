"""Renames that go wrong: looked into, never guessed, and nothing is stored again by itself."""

import pytest

from exchange.models import Transfer
from exchange.models.transfer import State, Step
from exchange.tests.servers.faults import SILENCE, DataFault, Fault, Moment, Watch
from faults.stage import Stage
from faults.tests.dialogue import asked, leave_one_try, remaining, settled
from faults.workers import Worker

HIT = "hit.xml"


def wait_for_a_look(stage: Stage, transfer: Transfer) -> None:
    """Wait until somebody looked in vain for a file whose rename was asked."""

    def has_looked() -> bool:
        stage.tick()
        transfer.refresh_from_db()
        return transfer.step == Step.RENAME_ASKED and transfer.state == State.WAITING

    stage.until(has_looked)


@pytest.mark.parametrize(
    "fault",
    [
        Fault("RNTO", about=HIT, obeys=True, times=1),
        Fault("RNTO", about=HIT, obeys=True, reply="550 Something went wrong.", times=1),
        Fault("RNTO", about=HIT, obeys=True, reply="421 Closing.", times=1),
        Fault("RNTO", about=HIT, obeys=True, reply=SILENCE, times=1),
    ],
    ids=["done+die", "done+550", "done+421", "done+silence"],
)
def test_a_rename_that_was_done_is_found(fault: Fault, stage: Stage, shared_worker: Worker) -> None:
    fault.times = 1
    stage.magda.faults.append(fault)
    hit = stage.submit(name=HIT)
    stage.submit()

    stage.until_settled()

    assert settled(hit) == (State.DONE, "")
    assert asked(stage, "STOR", HIT) == 1
    stage.check()


@pytest.mark.parametrize(
    "fault",
    [
        Fault("RNTO", about=HIT),
        Fault("RNTO", about=HIT, reply="553 That name is taken."),
        Fault("RNTO", about=HIT, reply="451 Not now."),
        Fault("RNTO", about=HIT, reply="421 Closing."),
        Fault("RNTO", about=HIT, reply=SILENCE),
        Fault("RNFR", about=HIT),
        Fault("RNFR", about=HIT, reply="550 No such file."),
        Fault("RNFR", about=HIT, reply="450 File busy."),
    ],
    ids=[
        "rnto die",
        "rnto 553",
        "rnto 451",
        "rnto 421",
        "rnto silence",
        "rnfr die",
        "rnfr 550",
        "rnfr 450",
    ],
)
def test_a_rename_that_was_not_done_is_asked_again(
    fault: Fault, stage: Stage, shared_worker: Worker
) -> None:
    """The file stands there whole, so it is not sent twice."""
    fault.times = 1
    stage.magda.faults.append(fault)
    hit = stage.submit(name=HIT)
    stage.submit()

    stage.until_settled()

    assert settled(hit) == (State.DONE, "")
    assert asked(stage, "STOR", HIT) == 1
    stage.check()


def test_a_file_that_magda_picked_up_at_once_is_found_in_the_cache(
    stage: Stage, shared_worker: Worker
) -> None:
    cache = stage.expected.home / "cache/to_vip"

    def pick_up(moment: Moment) -> None:
        assert moment.path is not None
        moment.path.rename(cache / moment.path.name)

    stage.magda.watches.append(Watch("RNTO", about=HIT, times=1, obeyed=pick_up))
    stage.magda.faults.append(Fault("RNTO", about=HIT, obeys=True, times=1))
    hit = stage.submit(name=HIT)

    stage.until_settled()

    assert settled(hit) == (State.DONE, "")
    assert asked(stage, "STOR", HIT) == 1
    stage.check()


@pytest.mark.parametrize("obeys", [True, False], ids=["done", "not done"])
def test_a_file_that_is_nowhere_to_be_seen_is_uncertain_and_never_sent_again(
    obeys: bool, stage: Stage, shared_worker: Worker
) -> None:
    def lose(moment: Moment) -> None:
        for path in (moment.source, moment.path):
            assert path is not None
            path.unlink(missing_ok=True)

    watch = Watch("RNTO", about=HIT, times=1)
    watch.obeyed, watch.arrived = (lose, None) if obeys else (None, lose)
    stage.magda.watches.append(watch)
    stage.magda.faults.append(Fault("RNTO", about=HIT, obeys=obeys, times=1))
    hit = stage.submit(name=HIT)
    wait_for_a_look(stage, hit)

    stage.age_renames()
    stage.until_settled()

    assert settled(hit)[0] == State.UNCERTAIN
    assert asked(stage, "STOR", HIT) == 1
    assert asked(stage, "RNTO", HIT) <= 1
    stage.hurry()
    stage.tick()
    stage.expected.requests.remove(hit.pk)
    assert remaining(stage, "to_vip") == []


def test_a_name_that_another_file_has_is_left_to_it(stage: Stage, shared_worker: Worker) -> None:
    path = stage.magda.place(stage.account.name, "to_vip", HIT, b"<foreign/>")
    hit = stage.submit(name=HIT)
    stage.submit()

    stage.until_settled()

    assert settled(hit) == (State.FAILED, "name.taken")
    assert path.read_bytes() == b"<foreign/>"
    assert asked(stage, "RNTO", HIT) == 0
    stage.check()


def test_a_name_that_is_taken_just_before_the_rename_is_left_to_the_other(
    stage: Stage, shared_worker: Worker
) -> None:
    """A server that does not overwrite answers 553; our whole temporary file goes."""
    path = stage.expected.home / "to_vip" / HIT

    def take() -> None:
        path.write_bytes(b"<foreign/>")

    stage.magda.faults.append(Fault("RNTO", about=HIT, first=take, reply="553 That name is taken."))
    hit = stage.submit(name=HIT)

    stage.until_settled()

    assert settled(hit) == (State.FAILED, "name.taken")
    assert path.read_bytes() == b"<foreign/>"
    stage.check()


def test_a_name_that_is_taken_while_we_store_is_not_replaced(
    stage: Stage, shared_worker: Worker
) -> None:
    """A server that overwrites says nothing, so it has to be asked first."""
    path = stage.expected.home / "to_vip" / HIT

    def take() -> None:
        path.write_bytes(b"<foreign/>")

    stage.when_answered("STOR", take, about=HIT)
    hit = stage.submit(name=HIT)

    stage.until_settled()

    assert settled(hit) == (State.FAILED, "name.taken")
    assert path.read_bytes() == b"<foreign/>"
    assert asked(stage, "RNTO", HIT) == 0
    stage.check()


def test_a_file_of_the_same_size_that_was_there_before_is_not_taken_for_ours(
    stage: Stage, shared_worker: Worker
) -> None:
    content = stage.content(10_000)
    cache = stage.expected.home / "cache/to_vip" / HIT
    cache.write_bytes(content[::-1])

    def lose(moment: Moment) -> None:
        assert moment.source is not None
        moment.source.unlink()

    stage.magda.watches.append(Watch("RNTO", about=HIT, times=1, arrived=lose))
    stage.magda.faults.append(Fault("RNTO", about=HIT, times=1))
    hit = stage.submit(content, name=HIT)
    wait_for_a_look(stage, hit)

    stage.age_renames()
    stage.until_settled()

    assert settled(hit)[0] == State.UNCERTAIN
    assert asked(stage, "STOR", HIT) == 1
    stage.check()


def test_a_rename_that_is_always_refused_ends_without_a_second_upload(
    stage: Stage, shared_worker: Worker
) -> None:
    stage.magda.faults.append(Fault("RNTO", about=HIT, reply="553 Name not allowed."))
    hit = stage.submit(name=HIT)
    leave_one_try(stage, hit)

    stage.until_settled()

    assert settled(hit)[0] in (State.FAILED, State.UNCERTAIN)
    assert asked(stage, "STOR", HIT) == 1
    stage.check()


@pytest.mark.parametrize(
    "fault",
    [
        Fault("RNTO", about=f"cache/from_vip/{HIT}", obeys=True),
        Fault("RNTO", about=f"cache/from_vip/{HIT}"),
        Fault("RNTO", about=f"cache/from_vip/{HIT}", reply="553 That name is taken."),
        Fault("RNFR", about=f"from_vip/{HIT}", reply="550 No such file."),
        Fault("RNFR", about=f"from_vip/{HIT}"),
    ],
    ids=["done+die", "rnto die", "rnto 553", "rnfr 550", "rnfr die"],
)
def test_a_move_to_the_cache_that_went_wrong_is_made_up_for(
    fault: Fault, stage: Stage, shared_worker: Worker
) -> None:
    """The file is kept here once, and not fetched a second time."""
    fault.times = 1
    stage.magda.faults.append(fault)
    stage.place(HIT)
    stage.place()

    stage.until_settled()

    assert asked(stage, "RETR", HIT) == 1
    assert remaining(stage, "from_vip") == []
    stage.check()


def test_an_empty_listing_after_a_lost_reply_decides_nothing(
    stage: Stage, shared_worker: Worker
) -> None:
    stage.magda.faults.append(Fault("RNTO", about=HIT, obeys=True, times=1))
    stage.magda.data_faults.append(DataFault("MLSD", about="to_vip", content=b"", times=0))
    empty = stage.magda.data_faults[0]

    def begin() -> None:
        empty.times = 4

    stage.when_arrives("RNTO", begin, about=HIT)
    hit = stage.submit(name=HIT)

    stage.until_settled()

    assert settled(hit) == (State.DONE, "")
    assert asked(stage, "STOR", HIT) == 1
    stage.check()
