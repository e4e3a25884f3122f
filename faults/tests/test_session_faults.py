"""Servers that lose sessions, refuse SIZE, or end a conversation in the middle."""

import time

import pytest

from exchange.models.transfer import State
from exchange.tests.servers.fault_table import DOWNLOADS, UPLOADS, Case
from exchange.tests.servers.faults import DataFault, Fault
from faults.stage import Stage
from faults.tests.dialogue import asked
from faults.workers import Worker

HIT = "hit.xml"
SIZE = 60_000
MANY = 4


def send_and_place_many(stage: Stage) -> None:
    for number in range(MANY):
        stage.submit(name=f"vraag-{number}.xml")
        stage.place(f"antwoord-{number}.xml")


def all_delivered(stage: Stage) -> bool:
    return stage.account.transfers.filter(
        pk__in=stage.expected.requests, state=State.DONE
    ).count() == len(stage.expected.requests)


@pytest.mark.parametrize("reply", ["550 SIZE not allowed.", "500 Unknown.", "502 Not implemented."])
def test_a_server_that_refuses_size_is_asked_for_a_listing(
    reply: str, stage: Stage, shared_worker: Worker
) -> None:
    stage.magda.faults.append(Fault("SIZE", reply=reply))
    send_and_place_many(stage)

    stage.until_settled()

    assert all_delivered(stage)
    stage.check()


@pytest.mark.parametrize(
    "case",
    [case for case in (*DOWNLOADS, *UPLOADS) if case.half and case.reply[:3] == "226"],
    ids=str,
)
def test_what_comes_short_is_noticed_without_size(
    case: Case, stage: Stage, shared_worker: Worker
) -> None:
    stage.magda.faults.append(Fault("SIZE", reply="502 Not implemented."))
    verb = "RETR" if case in DOWNLOADS else "STOR"
    stage.magda.data_faults.append(case.fault(verb, size=SIZE, about=HIT))
    stage.submit(name=HIT, size=SIZE)
    stage.place(HIT, stage.content(SIZE))

    stage.until_settled()

    assert all_delivered(stage)
    assert asked(stage, verb, HIT) == 2
    stage.check()


@pytest.mark.parametrize("verb", ["STOR", "RETR", ""])
@pytest.mark.parametrize("refusal", ["522 Reuse the session.", "425 Can't open it."])
def test_a_third_data_connection_without_its_session_costs_nothing_but_time(
    refusal: str, verb: str, stage: Stage, shared_worker: Worker
) -> None:
    stage.magda.data_faults.append(DataFault(verb, after=2, times=1, refuses=refusal))
    send_and_place_many(stage)

    stage.until_settled()

    assert all_delivered(stage)
    stage.check()


@pytest.mark.parametrize("verb", ["STOR", "SIZE", "RNFR", "RNTO", "MLSD", "RETR"])
def test_a_421_in_the_middle_of_a_batch_is_survived(
    verb: str, stage: Stage, shared_worker: Worker
) -> None:
    stage.magda.faults.append(Fault(verb, after=2, times=1, reply="421 Closing."))
    send_and_place_many(stage)

    stage.until_settled()

    assert all_delivered(stage)
    for number in range(MANY):
        assert asked(stage, "STOR", f"vraag-{number}.xml") <= 2
    stage.check()


def test_a_421_after_an_upload_finds_the_file_stored(stage: Stage, shared_worker: Worker) -> None:
    stage.magda.faults.append(Fault("STOR", about=HIT, times=1, obeys=True, reply="421 Closing."))
    stage.submit(name=HIT)

    stage.until_settled()

    assert all_delivered(stage)
    assert asked(stage, "STOR", HIT) == 1
    stage.check()


@pytest.mark.parametrize("verb", ["STOR", "RETR"])
def test_a_connection_that_is_forgotten_during_a_long_transfer_is_given_up(
    verb: str, stage: Stage, shared_worker: Worker
) -> None:
    """Nothing moves on the control connection meanwhile, and its reply never comes."""
    stage.magda.plan.forgets_after = 1.5

    def take_long() -> None:
        time.sleep(2)

    stage.when_under_way(verb, take_long, after_bytes=SIZE // 2, about=HIT)
    stage.submit(name=HIT, size=SIZE)
    stage.place(HIT, stage.content(SIZE))

    stage.until_settled()

    assert all_delivered(stage)
    stage.check()


@pytest.mark.parametrize("verb", ["STOR", "RNFR"])
def test_a_connection_that_was_forgotten_while_idle_is_given_up(verb: str, stage: Stage) -> None:
    """The worker is held up between two commands for longer than the network remembers it."""
    worker = stage.start_worker()
    before = {"STOR": "MLSD", "RNFR": "SIZE"}[verb]
    held_up = stage.when_answered(before, worker.freeze, about="to_vip")
    stage.magda.plan.forgets_after = 1.0
    stage.submit(name=HIT, size=SIZE)
    assert held_up.wait(20)
    time.sleep(1.5)
    worker.thaw()

    stage.until_settled()

    assert all_delivered(stage)
    stage.check()
