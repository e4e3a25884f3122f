"""Deliveries and names, where something else happens in between: two faults, or other hands."""

import shutil
from datetime import timedelta

import pytest
from django.utils import timezone

from exchange.errors import SubmissionError
from exchange.models import Account, TemporaryFile, Transfer
from exchange.models.transfer import State
from exchange.services.decisions import cancel
from exchange.services.resending import Wish, send_again
from exchange.services.submission import Submitter
from exchange.tests.servers.faults import DataFault, Ending, Fault, Moment, Watch
from exchange.tests.wiring import ACTOR
from faults.stage import Stage
from faults.tests.dialogue import asked, remaining, settled
from faults.workers import Worker

HIT = "hit.xml"
SIZE = 20_000


def cut_upload(stage: Stage, name: str) -> None:
    """Have the next upload of that name, and its connection, cut when a part is there."""
    cut = DataFault("STOR", about=name, limit=1000, ends=Ending.RST, reply="", times=1)
    stage.magda.data_faults.append(cut)


def give_up_half(stage: Stage, name: str) -> None:
    """Submit a request of which a part reaches the server, and cancel it."""
    cut_upload(stage, name)
    transfer = stage.submit(name=name, size=SIZE)

    def has_failed() -> bool:
        stage.tick()
        return settled(transfer)[0] == State.WAITING

    stage.until(has_failed)
    assert (stage.expected.home / transfer.temporary_path).exists()
    cancel(transfer, actor=ACTOR)


def copy_instead_of_renaming(stage: Stage) -> None:
    """Let the server rename by copying, and die before it removes what it copied."""

    def copy_back(moment: Moment) -> None:
        assert moment.path is not None
        assert moment.source is not None
        shutil.copy(moment.path, moment.source)

    stage.magda.watches.append(Watch("RNTO", about=f"to_vip/{HIT}", times=1, obeyed=copy_back))
    stage.magda.faults.append(Fault("RNTO", about=f"to_vip/{HIT}", obeys=True, times=1))


def wait_for_a_verdict(stage: Stage, transfer: Transfer) -> None:
    """Wait until somebody looked what became of the rename that was asked."""

    def is_judged() -> bool:
        stage.tick()
        return settled(transfer)[0] not in (State.QUEUED, State.RUNNING)

    stage.until(is_judged)


def leftovers(stage: Stage) -> list[str]:
    """Visit the server once more; return which files there the portal still calls its own."""
    stage.hurry()
    stage.tick()
    rows = TemporaryFile.objects.filter(transfer__account=stage.account)
    return list(rows.values_list("transfer__final_name", flat=True))


# --- names


def test_a_name_stays_guarded_when_its_file_is_sent_again_and_that_is_cancelled(
    stage: Stage, shared_worker: Worker
) -> None:
    """The first one gave its name away; it is at MAGDA all the same."""
    first = stage.submit(name=HIT)
    stage.until_settled()
    assert settled(first) == (State.DONE, "")
    # No worker takes the second one up before it is cancelled.
    later = timezone.now() + timedelta(hours=1)
    Account.objects.filter(pk=stage.account.pk).update(paused_until=later)
    second = send_again(first, Wish(Submitter(ACTOR), "MAGDA asked for it again."))
    cancel(second, actor=ACTOR)

    with pytest.raises(SubmissionError) as refused:
        stage.submit(name=HIT)

    assert refused.value.code == "name.held"
    stage.check()


# --- servers that rename by copying


def test_a_rename_by_copying_whose_end_takes_a_while_is_found_done(
    stage: Stage, shared_worker: Worker
) -> None:
    """For a while both names stand there: the file under the final one is not a stranger's."""
    copy_instead_of_renaming(stage)
    hit = stage.submit(name=HIT)
    wait_for_a_verdict(stage, hit)
    (stage.expected.home / hit.temporary_path).unlink(missing_ok=True)

    stage.until_settled()

    assert settled(hit) == (State.DONE, "")
    assert asked(stage, "STOR", HIT) == 1
    stage.check()


def test_a_rename_by_copying_that_never_ends_is_left_to_a_person(
    stage: Stage, shared_worker: Worker
) -> None:
    """It arrived, so "failed" would be a lie, and would free its name for a second one."""
    copy_instead_of_renaming(stage)
    hit = stage.submit(name=HIT)
    wait_for_a_verdict(stage, hit)
    stage.age_renames()

    stage.until_settled()

    assert settled(hit)[0] == State.UNCERTAIN
    assert hit.holds_name
    assert HIT in remaining(stage, "to_vip")
    stage.check()


def test_what_magda_picked_up_after_a_rename_by_copying_is_not_sent_again_without_a_reason(
    stage: Stage, shared_worker: Worker
) -> None:
    """Nobody may free the name while it is not known what became of the first."""
    home = stage.expected.home
    copy_instead_of_renaming(stage)
    hit = stage.submit(name=HIT)
    wait_for_a_verdict(stage, hit)
    (home / "to_vip" / HIT).rename(home / "cache/to_vip" / HIT)
    (home / hit.temporary_path).unlink(missing_ok=True)

    with pytest.raises(SubmissionError) as refused:
        stage.submit(name=HIT)

    assert refused.value.code == "name.in_progress"
    stage.until_settled()
    assert settled(hit) == (State.DONE, "")
    stage.check()


# --- servers that keep their sizes to themselves


def test_a_name_that_is_taken_while_we_store_is_not_replaced_where_size_says_550(
    stage: Stage, shared_worker: Worker
) -> None:
    """From such a server a 550 is no proof that the name is free, so the listing is asked."""
    path = stage.expected.home / "to_vip" / HIT

    def take() -> None:
        path.write_bytes(b"<foreign/>")

    stage.magda.faults.append(Fault("SIZE", reply="550 SIZE not available."))
    stage.when_arrives("STOR", take, about=HIT)
    hit = stage.submit(name=HIT)

    stage.until_settled()

    assert settled(hit) == (State.FAILED, "name.taken")
    assert path.read_bytes() == b"<foreign/>"
    assert asked(stage, "RNTO", HIT) == 0
    stage.check()


@pytest.mark.parametrize("reply", ["550 Permission denied.", "553 No."])
def test_a_server_that_forbids_size_is_asked_for_a_listing(
    reply: str, stage: Stage, shared_worker: Worker
) -> None:
    """These replies forbid something; what they forbid is a question, not the delivery."""
    stage.magda.faults.append(Fault("SIZE", reply=reply))
    hit = stage.submit(name=HIT)

    stage.until_settled()

    assert settled(hit) == (State.DONE, "")
    assert asked(stage, "STOR", HIT) == 1
    stage.check()


# --- parts


def test_a_part_that_the_server_still_has_open_is_stored_anew_beside_it(
    stage: Stage, shared_worker: Worker
) -> None:
    """Some servers notice late that a connection was cut, and refuse to delete until then."""
    busy = "550 The process cannot access the file because it is being used by another process."
    cut_upload(stage, HIT)
    stage.magda.faults.append(Fault("DELE", about=HIT, times=1, reply=busy))
    hit = stage.submit(name=HIT, size=SIZE)

    stage.until_settled()

    assert settled(hit) == (State.DONE, "")
    stage.until(lambda: not leftovers(stage))
    assert remaining(stage, "to_vip") == [HIT]
    stage.check()


def test_a_part_is_removed_though_no_listing_shows_it(stage: Stage, shared_worker: Worker) -> None:
    """Right after trouble a listing may come empty; who believed it would forget the part."""
    lie = DataFault("MLSD", about="to_vip", content=b"", times=0)
    stage.magda.data_faults.append(lie)

    def begin() -> None:
        lie.times = 1000

    def end() -> None:
        lie.times = 0

    stage.when_arrives("STOR", begin, about=HIT)
    stage.when_arrives("STOR", end, about=HIT, after=1)
    cut_upload(stage, HIT)
    hit = stage.submit(name=HIT, size=SIZE)

    stage.until_settled()

    assert settled(hit) == (State.DONE, "")
    assert asked(stage, "STOR", HIT) == 2
    assert remaining(stage, "to_vip") == [HIT]
    stage.check()


def test_a_leftover_is_removed_though_no_listing_shows_it(
    stage: Stage, shared_worker: Worker
) -> None:
    stage.magda.data_faults.append(DataFault("MLSD", about="to_vip", content=b""))
    give_up_half(stage, HIT)

    stage.until(lambda: not leftovers(stage))

    assert remaining(stage, "to_vip") == []
    stage.check()


def test_a_leftover_that_can_not_be_removed_does_not_keep_the_others(
    stage: Stage, shared_worker: Worker
) -> None:
    stage.magda.faults.append(Fault("DELE", about="one.xml", reply="550 Permission denied."))
    give_up_half(stage, "one.xml")
    give_up_half(stage, "two.xml")

    stage.until(lambda: leftovers(stage) == ["one.xml"], within=15)

    (name,) = remaining(stage, "to_vip")
    assert name.startswith("one.xml")
    stage.check()


def test_a_copy_that_was_left_when_magda_picked_the_file_up_is_not_renamed_after_it(
    stage: Stage, shared_worker: Worker
) -> None:
    """What stands in the cache arrived; a second rename would be a second consultation."""
    home = stage.expected.home
    copy_instead_of_renaming(stage)
    hit = stage.submit(name=HIT)
    wait_for_a_verdict(stage, hit)
    (home / "to_vip" / HIT).rename(home / "cache/to_vip" / HIT)
    stage.age_renames()

    stage.until_settled()

    assert settled(hit)[0] == State.UNCERTAIN
    assert HIT not in remaining(stage, "to_vip")
    stage.check()
