"""Deliveries to a practice MAGDA, driven step by step."""

import hashlib
import io
from datetime import timedelta

import pytest
from django.db.models import Q
from django.utils import timezone

from exchange.models import Account, Transfer
from exchange.models.transfer import State, Step
from exchange.services.decisions import retry
from exchange.services.delivery import deliver_batch
from exchange.services.submission import Draft, Submitter, submit
from exchange.services.transfers import due_deliveries
from exchange.storage import payload_store
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
