"""Deliveries to a practice MAGDA, driven step by step."""

import hashlib
import io
import math
import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db.models import Q
from django.utils import timezone

from certificates.models import KeyPair
from exchange.ftps import FTPSClient, Receipt, Reply, SizeMismatchError
from exchange.ftps._curl import Source
from exchange.ftps.pulse import Progress
from exchange.models import Account, Transfer
from exchange.models.transfer import State, Step
from exchange.services.attempts import AttemptRecorder
from exchange.services.connections import connect
from exchange.services.decisions import retry
from exchange.services.delivery import deliver_batch
from exchange.services.delivery.batch import _claim
from exchange.services.delivery.steps import bring, settle_asked_rename
from exchange.services.delivery.visit import Visit
from exchange.services.submission import Draft, Submitter, submit
from exchange.services.transfers import claim_next, due_deliveries
from exchange.storage import payload_store
from exchange.tests.servers.faulty_magda import Fault, FaultyMAGDA
from magda_portal.audit.models import AuditEvent
from magda_portal.audit.services import Actor
from sandbox.server import DEMO_ACCOUNT, PracticeMAGDA

EVERYTHING = Q(state__in=[State.QUEUED, State.WAITING])


def submitted(account: Account, name: str = "request.xml", content: bytes = b"<a/>") -> Transfer:
    draft = Draft(account, name, Submitter(Actor(name="An")))
    return submit(draft, content=io.BytesIO(content))


def commands(magda: PracticeMAGDA) -> list[str]:
    """Return each command once it is answered for good; STOR has a reply before that too."""
    return [f"{line.command} {line.argument}" for line in magda.log if line.code >= 200]


def test_it_stores_under_a_temporary_name_checks_the_size_and_renames(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    transfer = submitted(connected_account, content=b"x" * 100_000)

    deliver_batch(connected_account, among=EVERYTHING)

    transfer.refresh_from_db()
    assert (transfer.state, transfer.step) == (State.DONE, Step.FINAL)
    assert (magda.home(DEMO_ACCOUNT) / "to_vip/request.xml").read_bytes() == b"x" * 100_000
    temporary = f"to_vip/request.xml.{transfer.pk}-1.tmp"
    wanted = [f"STOR {temporary}", f"SIZE {temporary}", f"RNFR {temporary}"]
    told = [line for line in commands(magda) if line in wanted or line == "RNTO to_vip/request.xml"]
    assert told == [*wanted, "RNTO to_vip/request.xml"]


def test_it_writes_the_attempt_and_the_events_down(connected_account: Account) -> None:
    transfer = submitted(connected_account)

    deliver_batch(connected_account, among=EVERYTHING)

    attempt = transfer.attempts.get()
    assert attempt.error_code == ""
    assert attempt.bytes_moved == 4
    assert attempt.reply.startswith("226")
    assert attempt.tls_version in ("TLSv1.2", "TLSv1.3")
    assert len(attempt.certificate_fingerprint) == 64
    assert "> STOR " in attempt.transcript
    assert "PASS ***" in attempt.transcript or "PASS" not in attempt.transcript
    events = AuditEvent.objects.filter(subject_type="transfer").order_by("id")
    assert [event.action for event in events] == [
        "transfer.submitted",
        "transfer.sending",
        "transfer.delivered",
    ]


def test_a_batch_goes_over_one_control_connection(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    transfers = [submitted(connected_account, f"request-{n}.xml") for n in range(5)]

    attempted = deliver_batch(connected_account, among=EVERYTHING)

    assert [transfer.pk for transfer in attempted] == [transfer.pk for transfer in transfers]
    assert len([line for line in commands(magda) if line.startswith("USER")]) == 1


def test_a_name_that_stands_in_to_vip_is_not_overwritten(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    magda.place(DEMO_ACCOUNT, "to_vip", "request.xml", b"somebody else's")
    transfer = submitted(connected_account)

    deliver_batch(connected_account, among=EVERYTHING)

    transfer.refresh_from_db()
    assert (transfer.state, transfer.error_code) == (State.FAILED, "name.taken")
    assert (magda.home(DEMO_ACCOUNT) / "to_vip/request.xml").read_bytes() == b"somebody else's"
    assert not [line for line in commands(magda) if line.startswith("STOR")]


def test_a_file_about_which_the_server_says_no_fails_at_once(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    connected_account.folder_to_vip = "cache/to_vip"  # read-only
    connected_account.save()
    transfer = submitted(connected_account)

    deliver_batch(connected_account, among=EVERYTHING)

    transfer.refresh_from_db()
    assert (transfer.state, transfer.error_code) == (State.FAILED, "file.denied")
    assert not transfer.holds_name
    assert transfer.attempts.get().stage


def test_a_server_that_is_away_leaves_the_transfer_queued_and_pauses_the_account(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    magda.stop()
    first, second = submitted(connected_account, "a.xml"), submitted(connected_account, "b.xml")

    attempted = deliver_batch(connected_account, among=EVERYTHING)

    assert attempted == [first]
    first.refresh_from_db()
    second.refresh_from_db()
    connected_account.refresh_from_db()
    assert (first.state, first.error_code) == (State.QUEUED, "connect.refused")
    assert (second.state, second.attempts_made) == (State.QUEUED, 0)
    assert connected_account.trouble_code == "connect.refused"
    assert connected_account.paused_until is not None
    pause = connected_account.paused_until - timezone.now()
    assert timedelta(seconds=50) < pause < timedelta(minutes=2)


def test_the_account_is_well_again_after_the_next_delivery(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    magda.stop()
    transfer = submitted(connected_account)
    deliver_batch(connected_account, among=EVERYTHING)
    magda.start()

    deliver_batch(connected_account, among=EVERYTHING)

    transfer.refresh_from_db()
    connected_account.refresh_from_db()
    assert transfer.state == State.DONE
    assert (connected_account.trouble_code, connected_account.paused_until) == ("", None)


def test_an_account_without_a_certificate_is_paused_for_an_hour(connected_account: Account) -> None:
    connected_account.identity.current = None
    connected_account.identity.save()
    transfer = submitted(connected_account)

    deliver_batch(connected_account, among=EVERYTHING)

    transfer.refresh_from_db()
    connected_account.refresh_from_db()
    assert (transfer.state, transfer.error_code) == (State.QUEUED, "account.no_certificate")
    assert connected_account.paused_until is not None
    assert connected_account.paused_until - timezone.now() > timedelta(minutes=59)


def test_a_finished_delivery_is_not_due_again(connected_account: Account) -> None:
    submitted(connected_account)
    deliver_batch(connected_account, among=EVERYTHING)

    assert deliver_batch(connected_account, among=due_deliveries(timezone.now())) == []


def asked_for_rename(transfer: Transfer) -> None:
    """Put the row where a worker left it that was lost after it asked for the rename."""
    Transfer.objects.filter(pk=transfer.pk).update(
        state=State.WAITING,
        step=Step.RENAME_ASKED,
        rename_asked_at=timezone.now(),
        temporary_path=f"to_vip/request.xml.{transfer.pk}-1.tmp",
    )


@pytest.mark.parametrize("folder", ["to_vip", "cache/to_vip"])
def test_a_file_that_arrived_before_the_reply_was_lost_is_not_sent_again(
    connected_account: Account, magda: PracticeMAGDA, folder: str
) -> None:
    transfer = submitted(connected_account)
    asked_for_rename(transfer)
    magda.place(DEMO_ACCOUNT, folder, "request.xml", b"<a/>")

    deliver_batch(connected_account, among=EVERYTHING)

    transfer.refresh_from_db()
    assert transfer.state == State.DONE
    assert not [line for line in commands(magda) if line.startswith("STOR")]


def test_a_rename_that_did_not_happen_is_asked_again(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    transfer = submitted(connected_account)
    asked_for_rename(transfer)
    magda.place(DEMO_ACCOUNT, "to_vip", f"request.xml.{transfer.pk}-1.tmp", b"<a/>")

    deliver_batch(connected_account, among=EVERYTHING)

    transfer.refresh_from_db()
    assert transfer.state == State.DONE
    assert (magda.home(DEMO_ACCOUNT) / "to_vip/request.xml").read_bytes() == b"<a/>"
    assert not [line for line in commands(magda) if line.startswith("STOR")]


def test_a_file_that_is_nowhere_is_looked_for_and_then_left_to_a_person(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    transfer = submitted(connected_account)
    asked_for_rename(transfer)

    deliver_batch(connected_account, among=EVERYTHING)
    transfer.refresh_from_db()
    first_look = transfer.state
    Transfer.objects.filter(pk=transfer.pk).update(
        rename_asked_at=timezone.now() - timedelta(minutes=16)
    )
    deliver_batch(connected_account, among=EVERYTHING)

    transfer.refresh_from_db()
    assert first_look == State.WAITING
    assert (transfer.state, transfer.error_code) == (State.UNCERTAIN, "delivery.not_seen")
    assert transfer.holds_name
    assert not [line for line in commands(magda) if line.startswith("STOR")]


def test_what_an_earlier_attempt_left_is_removed_first(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    transfer = submitted(connected_account)
    left = magda.place(DEMO_ACCOUNT, "to_vip", f"request.xml.{transfer.pk}-7.tmp", b"<")
    Transfer.objects.filter(pk=transfer.pk).update(
        step=Step.NAMED, temporary_path=f"to_vip/{left.name}"
    )

    deliver_batch(connected_account, among=EVERYTHING)

    transfer.refresh_from_db()
    assert transfer.state == State.DONE
    assert not left.exists()


def test_a_payload_that_was_damaged_in_the_store_never_gets_its_final_name(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    transfer = submitted(connected_account)
    assert transfer.payload is not None
    (path,) = payload_store().root.glob(f"??/{transfer.payload.pk}")
    path.write_bytes(b"<b/>")
    assert hashlib.sha256(b"<b/>").hexdigest() != transfer.sha256

    deliver_batch(connected_account, among=EVERYTHING)

    transfer.refresh_from_db()
    assert (transfer.state, transfer.error_code) == (State.FAILED, "payload.corrupt")
    assert list((magda.home(DEMO_ACCOUNT) / "to_vip").iterdir()) == []


def test_a_staging_folder_is_used_when_the_account_has_one(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    (magda.home(DEMO_ACCOUNT) / "to_vip/staging").mkdir()
    connected_account.staging_folder = "to_vip/staging"
    connected_account.save()
    transfer = submitted(connected_account)

    deliver_batch(connected_account, among=EVERYTHING)

    transfer.refresh_from_db()
    assert transfer.state == State.DONE
    stored = [line for line in commands(magda) if line.startswith("STOR")]
    assert stored == [f"STOR to_vip/staging/request.xml.{transfer.pk}-1.tmp"]


def test_a_foreign_file_is_never_taken_for_ours_when_a_failed_delivery_is_tried_again(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    """Same name, same size, and a rename that was asked before."""
    transfer = submitted(connected_account)
    asked_for_rename(transfer)
    magda.place(DEMO_ACCOUNT, "to_vip", f"request.xml.{transfer.pk}-1.tmp", b"<a/>")
    magda.place(DEMO_ACCOUNT, "to_vip", "request.xml", b"<b/>")
    deliver_batch(connected_account, among=EVERYTHING)
    transfer.refresh_from_db()
    failed = (transfer.state, transfer.error_code)

    retry(transfer, actor=Actor(name="An"))
    deliver_batch(connected_account, among=EVERYTHING)

    transfer.refresh_from_db()
    assert failed == (State.FAILED, "name.taken")
    assert (transfer.state, transfer.error_code) == (State.FAILED, "name.taken")


def test_an_account_in_trouble_costs_its_transfers_no_try(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    magda.stop()
    transfer = submitted(connected_account)

    for _ in range(3):
        deliver_batch(connected_account, among=EVERYTHING)

    transfer.refresh_from_db()
    assert (transfer.attempts_made, transfer.attempts.count()) == (0, 3)


class UploadWatch(threading.Thread):
    """Lays a stranger's file under the final name as soon as our upload has begun."""

    def __init__(self, magda: PracticeMAGDA) -> None:
        super().__init__()
        self._magda = magda
        self.laid = False

    def run(self) -> None:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and not self.laid:
            if any(line.command == "STOR" for line in self._magda.log):
                self._magda.place(DEMO_ACCOUNT, "to_vip", "request.xml", b"a stranger's")
                self.laid = True


def test_a_strangers_file_that_comes_while_we_upload_is_not_overwritten(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    transfer = submitted(connected_account, content=b"x" * 50_000_000)
    watch = UploadWatch(magda)
    watch.start()

    deliver_batch(connected_account, among=EVERYTHING)

    watch.join()
    transfer.refresh_from_db()
    folder = magda.home(DEMO_ACCOUNT) / "to_vip"
    assert watch.laid
    assert (transfer.state, transfer.error_code) == (State.FAILED, "name.taken")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "request.xml": b"a stranger's"
    }


class DyingClient(FTPSClient):
    """Dies instead of deleting, as a worker may at any moment."""

    def delete(self, path: str) -> None:
        raise KeyboardInterrupt


def test_dying_before_our_temporary_file_is_removed_does_not_make_a_strangers_file_ours(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    transfer = submitted(connected_account)
    asked_for_rename(transfer)
    temporary = magda.place(DEMO_ACCOUNT, "to_vip", f"request.xml.{transfer.pk}-1.tmp", b"<a/>")
    magda.place(DEMO_ACCOUNT, "to_vip", "request.xml", b"<b/>")
    connection = connect(connected_account, now=timezone.now())
    connection.client.__class__ = DyingClient
    claimed = claim_next(connected_account, now=timezone.now(), among=EVERYTHING)
    assert claimed is not None
    with connection.client as client, pytest.raises(KeyboardInterrupt):
        settle_asked_rename(Visit(connected_account, client, ""), claimed)

    temporary.unlink()
    Transfer.objects.update(state=State.WAITING)
    deliver_batch(connected_account, among=EVERYTHING)

    transfer.refresh_from_db()
    assert (transfer.state, transfer.error_code) == (State.FAILED, "name.taken")


def test_a_missing_folder_is_the_accounts_trouble_and_fails_no_file(
    connected_account: Account,
) -> None:
    connected_account.folder_to_vip = "to_wip"
    connected_account.save()
    transfers = [submitted(connected_account, f"{n}.xml") for n in range(3)]

    attempted = deliver_batch(connected_account, among=EVERYTHING)

    connected_account.refresh_from_db()
    assert len(attempted) == 1
    assert connected_account.trouble_code == "command.refused"  # its 501 names no reason
    assert connected_account.paused_until is not None
    assert {Transfer.objects.get(pk=t.pk).state for t in transfers} == {State.QUEUED}


def test_a_key_that_does_not_open_pauses_the_account_and_says_so(
    connected_account: Account,
) -> None:
    KeyPair.objects.update(sealed_private_key=b"not sealed by us")
    transfer = submitted(connected_account)

    deliver_batch(Account.objects.get(), among=EVERYTHING)

    transfer.refresh_from_db()
    connected_account.refresh_from_db()
    assert (transfer.state, transfer.error_code) == (State.QUEUED, "account.secret_unreadable")
    assert connected_account.paused_until is not None


def test_a_payload_that_cannot_be_read_now_does_not_stop_the_others(
    connected_account: Account,
) -> None:
    first, second = submitted(connected_account, "1.xml"), submitted(connected_account, "2.xml")
    assert first.payload is not None
    (path,) = payload_store().root.glob(f"??/{first.payload.pk}")
    path.unlink()
    path.mkdir()

    deliver_batch(connected_account, among=EVERYTHING)

    path.rmdir()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.error_code) == (State.WAITING, "payload.unreadable")
    assert second.state == State.DONE


def test_what_a_cancelled_delivery_left_on_the_server_is_removed(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    transfer = submitted(connected_account, "cancelled.xml")
    ours = magda.place(DEMO_ACCOUNT, "to_vip", f"cancelled.xml.{transfer.pk}-1.tmp", b"<")
    theirs = magda.place(DEMO_ACCOUNT, "to_vip", "cancelled.xml.99-1.tmp", b"<")
    Transfer.objects.filter(pk=transfer.pk).update(
        state=State.CANCELLED, holds_name=False, temporary_path=f"to_vip/{ours.name}"
    )
    submitted(connected_account, "other.xml")

    deliver_batch(connected_account, among=EVERYTHING)

    assert (ours.exists(), theirs.exists()) == (False, True)
    transfer.refresh_from_db()
    assert transfer.temporary_path == ""


def test_a_reply_that_is_no_utf_8_can_be_written_down(connected_account: Account) -> None:
    transfer = submitted(connected_account)
    recorder = AttemptRecorder(transfer, fingerprint="", client=None)
    recorder.reply = Reply(226, ("Termin\udce9.",))

    recorder.succeeded().save()

    assert transfer.attempts.get().reply == "226 Termin\\udce9."


class CuttingClient(FTPSClient):
    """Stands for a server that says 226 and holds half: nothing in the dialogue tells."""

    def store(
        self, path: str, source: Source, *, size: int, progress: Progress | None = None
    ) -> Receipt:
        whole = source.read(size)
        half = len(whole) // 2
        receipt = super().store(path, io.BytesIO(whole[:half]), size=half, progress=progress)
        return replace(receipt, size=size)


def test_an_upload_that_the_server_cut_short_never_gets_its_final_name(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    submitted(connected_account, content=b"x" * 1000)
    connection = connect(connected_account, now=timezone.now())
    connection.client.__class__ = CuttingClient
    claimed = claim_next(connected_account, now=timezone.now(), among=EVERYTHING)
    assert claimed is not None
    recorder = AttemptRecorder(claimed, fingerprint="", client=None)

    with connection.client as client, pytest.raises(SizeMismatchError, match="500 of 1000"):
        bring(Visit(connected_account, client, ""), claimed, recorder)

    (left,) = (magda.home(DEMO_ACCOUNT) / "to_vip").iterdir()
    assert left.suffix == ".tmp"
    assert claimed.step == Step.STORED


def test_a_leftover_that_cannot_be_removed_stays_recorded(
    connected_account: Account, magda: FaultyMAGDA
) -> None:
    transfer = submitted(connected_account, "cancelled.xml")
    left = magda.place(DEMO_ACCOUNT, "to_vip", "cancelled.xml.tmp", b"<")
    path = f"to_vip/{left.name}"
    # A 550 that doesn't say whether there is no such file or it may not be touched.
    magda.faults.append(Fault("DELE", reply="550 Computer says no."))
    Transfer.objects.filter(pk=transfer.pk).update(
        state=State.CANCELLED, holds_name=False, temporary_path=path
    )
    submitted(connected_account, "other.xml")

    deliver_batch(connected_account, among=EVERYTHING)

    transfer.refresh_from_db()
    assert (left.exists(), transfer.temporary_path) == (True, path)


def test_one_attempt_each_however_many_were_laid_back(connected_account: Account) -> None:
    first = submitted(connected_account)
    others = [Transfer(pk=10_000 + number, state=State.WAITING) for number in range(1000)]

    again = _claim(connected_account, EVERYTHING, [first, *others], until=math.inf)

    assert again is None
