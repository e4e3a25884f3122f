"""What becomes of a delivery whose rename was asked: looking before acting."""

from datetime import timedelta

import pytest
from django.utils import timezone

from exchange.ftps import FTPSClient
from exchange.models import Account, TemporaryFile, Transfer
from exchange.models.transfer import State, Step
from exchange.services.claims import claim_next
from exchange.services.connections import connect
from exchange.services.decisions import retry
from exchange.services.delivery import deliver_batch
from exchange.services.delivery.steps import settle_asked_rename
from exchange.services.delivery.visit import Visit
from exchange.services.resending import Wish, send_again
from exchange.services.submission import Submitter
from exchange.tests.servers.faulty_magda import Fault, FaultyMAGDA
from exchange.tests.services.deliveries import (
    EVERYTHING,
    commands,
    left_behind,
    submitted,
    temporary_path,
)
from magda_portal.audit.services import Actor
from sandbox.server import DEMO_ACCOUNT, PracticeMAGDA


@pytest.mark.parametrize("folder", ["to_vip", "cache/to_vip"])
def test_a_file_that_arrived_before_the_reply_was_lost_is_not_sent_again(
    connected_account: Account, magda: PracticeMAGDA, folder: str
) -> None:
    transfer = submitted(connected_account)
    left_behind(transfer, Step.RENAME_ASKED)
    magda.place(DEMO_ACCOUNT, folder, "request.xml", b"<a/>")

    deliver_batch(connected_account, among=EVERYTHING)

    transfer.refresh_from_db()
    assert transfer.state == State.DONE
    assert not [line for line in commands(magda) if line.startswith("STOR")]


def test_a_rename_that_did_not_happen_is_asked_again(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    transfer = submitted(connected_account)
    left_behind(transfer, Step.RENAME_ASKED)
    magda.place(DEMO_ACCOUNT, "to_vip", temporary_path(transfer).partition("/")[2], b"<a/>")

    deliver_batch(connected_account, among=EVERYTHING)

    transfer.refresh_from_db()
    assert transfer.state == State.DONE
    assert (magda.home(DEMO_ACCOUNT) / "to_vip/request.xml").read_bytes() == b"<a/>"
    assert not [line for line in commands(magda) if line.startswith("STOR")]


def test_a_file_that_is_nowhere_is_looked_for_and_then_left_to_a_person(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    transfer = submitted(connected_account)
    left_behind(transfer, Step.RENAME_ASKED)

    deliver_batch(connected_account, among=EVERYTHING)
    transfer.refresh_from_db()
    first_look = transfer.state
    Transfer.objects.filter(pk=transfer.pk).update(
        rename_asked_at=timezone.now() - timedelta(minutes=16)
    )
    deliver_batch(connected_account, among=EVERYTHING)
    transfer.refresh_from_db()
    second_look = transfer.state
    deliver_batch(connected_account, among=EVERYTHING)

    transfer.refresh_from_db()
    assert (first_look, second_look) == (State.WAITING, State.WAITING)
    assert (transfer.state, transfer.error_code) == (State.UNCERTAIN, "delivery.not_seen")
    assert transfer.holds_name
    assert not [line for line in commands(magda) if line.startswith("STOR")]


def test_a_foreign_file_is_never_taken_for_ours_when_a_failed_delivery_is_tried_again(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    """Of another size, it is surely not ours; and a rename was asked before."""
    transfer = submitted(connected_account)
    left_behind(transfer, Step.RENAME_ASKED)
    magda.place(DEMO_ACCOUNT, "to_vip", temporary_path(transfer).partition("/")[2], b"<a/>")
    magda.place(DEMO_ACCOUNT, "to_vip", "request.xml", b"<other/>")
    deliver_batch(connected_account, among=EVERYTHING)
    transfer.refresh_from_db()
    failed = (transfer.state, transfer.error_code)

    retry(transfer, actor=Actor(name="An"))
    deliver_batch(connected_account, among=EVERYTHING)

    transfer.refresh_from_db()
    assert failed == (State.FAILED, "name.taken")
    assert (transfer.state, transfer.error_code) == (State.FAILED, "name.taken")


class DyingClient(FTPSClient):
    """Dies instead of deleting, as a worker may at any moment."""

    def delete(self, path: str) -> None:
        raise KeyboardInterrupt


def test_dying_before_our_temporary_file_is_removed_does_not_make_a_strangers_file_ours(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    transfer = submitted(connected_account)
    left_behind(transfer, Step.RENAME_ASKED)
    temporary = magda.place(
        DEMO_ACCOUNT, "to_vip", temporary_path(transfer).partition("/")[2], b"<a/>"
    )
    magda.place(DEMO_ACCOUNT, "to_vip", "request.xml", b"<other/>")
    connection = connect(connected_account, now=timezone.now())
    connection.client.__class__ = DyingClient
    claimed = claim_next(connected_account, among=EVERYTHING)
    assert claimed is not None
    with connection.client as client, pytest.raises(KeyboardInterrupt):
        settle_asked_rename(Visit(connected_account, client, ""), claimed)

    temporary.unlink()
    Transfer.objects.update(state=State.WAITING)
    deliver_batch(connected_account, among=EVERYTHING)

    transfer.refresh_from_db()
    assert (transfer.state, transfer.error_code) == (State.FAILED, "name.taken")


def test_a_frozen_worker_that_wakes_between_rnfr_and_rnto_finds_nothing_to_rename(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    transfer = submitted(connected_account)
    path = left_behind(transfer, Step.RENAME_ASKED)
    magda.place(DEMO_ACCOUNT, "to_vip", path.partition("/")[2], b"<a/>")

    deliver_batch(connected_account, among=EVERYTHING)

    told = [line for line in commands(magda) if line[:4] in ("RNFR", "RNTO")]
    assert told[:2] == [f"RNFR {path}", f"RNTO {temporary_path(transfer, 2)}"]


@pytest.mark.parametrize(("content", "state"), [(b"<a/>", State.DONE), (b"<b/>", State.WAITING)])
def test_the_copy_in_the_cache_is_compared_with_what_we_sent(
    connected_account: Account, magda: PracticeMAGDA, content: bytes, state: State
) -> None:
    """A stranger's request of the same name and size may have been picked up meanwhile."""
    transfer = submitted(connected_account)
    left_behind(transfer, Step.RENAME_ASKED)
    magda.place(DEMO_ACCOUNT, "cache/to_vip", "request.xml", content)

    deliver_batch(connected_account, among=EVERYTHING)

    transfer.refresh_from_db()
    assert transfer.state == state


def test_a_lost_reply_to_the_rename_is_looked_into_at_once(
    connected_account: Account, magda: FaultyMAGDA
) -> None:
    magda.faults.append(Fault("RNTO", about="request.xml", obeys=True, times=1))
    transfer = submitted(connected_account)

    deliver_batch(connected_account, among=EVERYTHING)

    transfer.refresh_from_db()
    assert (transfer.state, transfer.attempts_made) == (State.DONE, 1)
    assert len([line for line in commands(magda) if line.startswith("STOR")]) == 1


@pytest.mark.parametrize("folder", ["to_vip", "cache/to_vip"])
def test_what_a_worker_that_woke_late_brought_back_hides_no_file_that_arrived(
    connected_account: Account, magda: PracticeMAGDA, folder: str
) -> None:
    """Its STOR went out before it noticed that its lease is over; nothing followed."""
    transfer = submitted(connected_account)
    path = left_behind(transfer, Step.RENAME_ASKED)
    TemporaryFile.objects.update(watch_until=timezone.now() + timedelta(hours=1))
    brought_back = magda.place(DEMO_ACCOUNT, "to_vip", path.partition("/")[2], b"")
    magda.place(DEMO_ACCOUNT, folder, "request.xml", b"<a/>")

    deliver_batch(connected_account, among=EVERYTHING)

    transfer.refresh_from_db()
    assert transfer.state == State.DONE
    assert not brought_back.exists()


def test_what_is_sent_again_waits_until_the_earlier_file_is_picked_up(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    """Replacing that one would lose a request that was called delivered."""
    earlier = submitted(connected_account, content=b"<a/>")
    deliver_batch(connected_account, among=EVERYTHING)
    again = send_again(
        Transfer.objects.get(pk=earlier.pk),
        Wish(Submitter(Actor(name="An")), reason="MAGDA asked for it again."),
    )

    deliver_batch(connected_account, among=EVERYTHING)
    again.refresh_from_db()
    waiting = (again.state, again.error_code)
    (magda.home(DEMO_ACCOUNT) / "to_vip/request.xml").unlink()
    deliver_batch(connected_account, among=EVERYTHING)

    again.refresh_from_db()
    assert waiting == (State.WAITING, "name.still_standing")
    assert again.state == State.DONE


def test_what_stands_under_both_names_may_be_ours_and_is_looked_at_again(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    """A server that renames by copying shows both for a while; the reply was lost in between."""
    transfer = submitted(connected_account)
    path = left_behind(transfer, Step.RENAME_ASKED)
    source = magda.place(DEMO_ACCOUNT, "to_vip", path.partition("/")[2], b"<a/>")
    magda.place(DEMO_ACCOUNT, "to_vip", "request.xml", b"<a/>")

    deliver_batch(connected_account, among=EVERYTHING)
    transfer.refresh_from_db()
    first_look = (transfer.state, transfer.error_code)
    source.unlink()
    deliver_batch(connected_account, among=EVERYTHING)

    transfer.refresh_from_db()
    assert first_look == (State.WAITING, "delivery.not_seen")
    assert transfer.state == State.DONE
