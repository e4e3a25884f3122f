"""Deliveries to a practice MAGDA, driven step by step."""

import hashlib
import io
import threading
import time
from contextlib import ExitStack
from dataclasses import replace

import pytest
from django.utils import timezone
from pytest_django import Settings

from exchange.ftps import FTPSClient, Receipt, Reply, SizeMismatchError
from exchange.ftps._curl import Source
from exchange.ftps.pulse import Progress
from exchange.models import Account, Transfer
from exchange.models.transfer import State, Step
from exchange.services.attempts import AttemptRecorder
from exchange.services.claims import claim_next, due_deliveries
from exchange.services.connections import connect
from exchange.services.delivery import deliver_batch
from exchange.services.delivery.batch import _Batch
from exchange.services.delivery.steps import bring
from exchange.services.delivery.visit import Visit
from exchange.services.slots import hold_slot
from exchange.storage import payload_store
from exchange.tests.servers.faulty_magda import Fault, FaultyMAGDA
from exchange.tests.services.deliveries import EVERYTHING, commands, submitted
from magda_portal.audit.models import AuditEvent
from sandbox.server import DEMO_ACCOUNT, PracticeMAGDA


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


def test_a_finished_delivery_is_not_due_again(connected_account: Account) -> None:
    submitted(connected_account)
    deliver_batch(connected_account, among=EVERYTHING)

    assert deliver_batch(connected_account, among=due_deliveries(timezone.now())) == []


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
    claimed = claim_next(connected_account, among=EVERYTHING)
    assert claimed is not None
    recorder = AttemptRecorder(claimed, fingerprint="", client=None)

    with connection.client as client, pytest.raises(SizeMismatchError, match="500 of 1000"):
        bring(Visit(connected_account, client, ""), claimed, recorder)

    (left,) = (magda.home(DEMO_ACCOUNT) / "to_vip").iterdir()
    assert left.suffix == ".tmp"
    assert claimed.step == Step.STORED


def test_one_attempt_each_however_many_were_laid_back(connected_account: Account) -> None:
    first = submitted(connected_account)
    others = [Transfer(pk=10_000 + number, state=State.WAITING) for number in range(1000)]

    with hold_slot(connected_account) as slot, ExitStack() as stack:
        assert slot is not None
        batch = _Batch(connected_account, slot, stack, among=EVERYTHING)
        batch.attempted = [first, *others]

        assert batch._claim() is None


def test_an_account_that_holds_all_its_connections_delivers_nothing_more(
    connected_account: Account, settings: Settings
) -> None:
    settings.CONNECTIONS_PER_ACCOUNT = 1
    transfer = submitted(connected_account)

    with hold_slot(connected_account):
        assert deliver_batch(connected_account, among=EVERYTHING) == []

    transfer.refresh_from_db()
    assert (transfer.state, transfer.attempts_made) == (State.QUEUED, 0)


def test_a_worker_whose_clock_says_that_its_lease_is_over_sends_nothing_more(
    connected_account: Account, magda: FaultyMAGDA
) -> None:
    """It was frozen while the server answered RNFR; another may deliver the file by now."""
    transfer = submitted(connected_account)
    with hold_slot(connected_account) as slot, ExitStack() as stack:
        assert slot is not None
        batch = _Batch(connected_account, slot, stack, among=EVERYTHING)

        def sleep_for_a_minute() -> None:
            assert batch._lease._timer is not None
            batch._lease._timer._since -= 60

        magda.faults.append(Fault("RNFR", first=sleep_for_a_minute, obeys=True, reply="350 Go on."))
        batch.run()

    assert not [line for line in commands(magda) if line.startswith("RNTO")]
    transfer.refresh_from_db()
    assert (transfer.state, transfer.step) == (State.RUNNING, Step.RENAME_ASKED)
