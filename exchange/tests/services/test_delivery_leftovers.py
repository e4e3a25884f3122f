"""What earlier attempts and given-up deliveries leave on the server."""

from datetime import timedelta

import pytest
from django.utils import timezone

from exchange.models import Account, TemporaryFile, Transfer
from exchange.models.transfer import State, Step
from exchange.services.delivery import deliver_batch
from exchange.services.stalled import free_stalled_transfers
from exchange.storage import payload_store
from exchange.tests.servers.faulty_magda import Fault, FaultyMAGDA
from exchange.tests.services.deliveries import (
    EVERYTHING,
    commands,
    left_behind,
    submitted,
    temporary_path,
)
from sandbox.server import DEMO_ACCOUNT, PracticeMAGDA


def test_what_an_earlier_attempt_left_in_part_is_removed_first(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    transfer = submitted(connected_account)
    path = left_behind(transfer, Step.NAMED)
    left = magda.place(DEMO_ACCOUNT, "to_vip", path.partition("/")[2], b"<")

    deliver_batch(connected_account, among=EVERYTHING)

    transfer.refresh_from_db()
    assert transfer.state == State.DONE
    assert not left.exists()
    assert f"STOR {temporary_path(transfer, 2)}" in commands(magda)
    assert not TemporaryFile.objects.exists()


@pytest.mark.parametrize("step", [Step.NAMED, Step.STORED, Step.CONFIRMED])
def test_what_an_earlier_attempt_left_whole_is_taken_over_under_a_name_of_our_own(
    connected_account: Account, magda: PracticeMAGDA, step: Step
) -> None:
    """Its worker may only be frozen: it must find nothing to rename when it wakes up."""
    transfer = submitted(connected_account)
    path = left_behind(transfer, step)
    magda.place(DEMO_ACCOUNT, "to_vip", path.partition("/")[2], b"<a/>")

    deliver_batch(connected_account, among=EVERYTHING)

    transfer.refresh_from_db()
    told = [line for line in commands(magda) if line[:4] in ("STOR", "RNFR", "RNTO")]
    assert transfer.state == State.DONE
    assert told == [
        f"RNFR {path}",
        f"RNTO {temporary_path(transfer, 2)}",
        f"RNFR {temporary_path(transfer, 2)}",
        "RNTO to_vip/request.xml",
    ]


def test_whole_by_its_size_is_not_enough_where_the_content_here_is_damaged(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    transfer = submitted(connected_account)
    path = left_behind(transfer, Step.NAMED)
    magda.place(DEMO_ACCOUNT, "to_vip", path.partition("/")[2], b"<b/>")
    assert transfer.payload is not None
    (kept,) = payload_store().root.glob(f"??/{transfer.payload.pk}")
    kept.write_bytes(b"<b/>")

    deliver_batch(connected_account, among=EVERYTHING)

    transfer.refresh_from_db()
    assert (transfer.state, transfer.error_code) == (State.FAILED, "payload.corrupt")
    assert list((magda.home(DEMO_ACCOUNT) / "to_vip").iterdir()) == []


def test_a_takeover_that_broke_off_between_its_commit_and_its_rename_is_taken_up_again(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    """The second attempt had entered its own name; the file stands under the first's."""
    transfer = submitted(connected_account)
    path = left_behind(transfer, Step.RENAME_ASKED)
    TemporaryFile.objects.create(transfer=transfer, path=temporary_path(transfer, 2))
    Transfer.objects.update(token=2, temporary_path=temporary_path(transfer, 2))
    magda.place(DEMO_ACCOUNT, "to_vip", path.partition("/")[2], b"<a/>")

    deliver_batch(connected_account, among=EVERYTHING)

    transfer.refresh_from_db()
    assert transfer.state == State.DONE
    assert [path.name for path in (magda.home(DEMO_ACCOUNT) / "to_vip").iterdir()] == [
        "request.xml"
    ]
    assert not TemporaryFile.objects.exists()


def test_after_a_rename_was_asked_a_part_is_never_stored_again(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    transfer = submitted(connected_account)
    path = left_behind(transfer, Step.RENAME_ASKED)
    part = magda.place(DEMO_ACCOUNT, "to_vip", path.partition("/")[2], b"<")

    deliver_batch(connected_account, among=EVERYTHING)

    transfer.refresh_from_db()
    assert (transfer.state, transfer.error_code) == (State.WAITING, "delivery.not_seen")
    assert part.exists()
    assert not [line for line in commands(magda) if line.startswith("STOR")]


def test_what_a_frozen_worker_may_bring_back_is_looked_for_for_an_hour(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    transfer = submitted(connected_account)
    path = left_behind(transfer, Step.NAMED)
    Transfer.objects.update(state=State.RUNNING, lease_until=timezone.now() - timedelta(seconds=1))
    free_stalled_transfers(now=timezone.now())
    deliver_batch(connected_account, among=EVERYTHING)

    brought_back = magda.place(DEMO_ACCOUNT, "to_vip", path.partition("/")[2], b"")
    submitted(connected_account, "other.xml")
    deliver_batch(connected_account, among=EVERYTHING)
    still_entered = TemporaryFile.objects.filter(path=path).exists()
    TemporaryFile.objects.update(watch_until=timezone.now())
    submitted(connected_account, "third.xml")
    deliver_batch(connected_account, among=EVERYTHING)

    assert not brought_back.exists()
    assert still_entered
    assert not TemporaryFile.objects.exists()


def test_what_a_cancelled_delivery_left_on_the_server_is_removed(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    transfer = submitted(connected_account, "cancelled.xml")
    path = left_behind(transfer, Step.NAMED, state=State.CANCELLED, holds_name=False)
    ours = magda.place(DEMO_ACCOUNT, "to_vip", path.partition("/")[2], b"<")
    theirs = magda.place(DEMO_ACCOUNT, "to_vip", "cancelled.xml.99-1.tmp", b"<")
    submitted(connected_account, "other.xml")

    deliver_batch(connected_account, among=EVERYTHING)

    assert (ours.exists(), theirs.exists()) == (False, True)
    assert not TemporaryFile.objects.exists()


def test_a_leftover_that_cannot_be_removed_stays_recorded(
    connected_account: Account, magda: FaultyMAGDA
) -> None:
    transfer = submitted(connected_account, "cancelled.xml")
    path = left_behind(transfer, Step.NAMED, state=State.CANCELLED, holds_name=False)
    left = magda.place(DEMO_ACCOUNT, "to_vip", path.partition("/")[2], b"<")
    # A 550 that doesn't say whether there is no such file or it may not be touched.
    magda.faults.append(Fault("DELE", reply="550 Computer says no."))
    submitted(connected_account, "other.xml")

    deliver_batch(connected_account, among=EVERYTHING)

    assert left.exists()
    assert TemporaryFile.objects.filter(path=path).exists()
