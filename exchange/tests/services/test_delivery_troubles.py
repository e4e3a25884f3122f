"""Trouble of a whole account, met by its deliveries."""

from datetime import timedelta

from django.utils import timezone

from certificates.models import KeyPair
from exchange.models import Account, Transfer
from exchange.models.transfer import State
from exchange.services.delivery import deliver_batch
from exchange.tests.services.deliveries import EVERYTHING, submitted
from magda_portal.audit.queries import events_for
from sandbox.server import PracticeMAGDA


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


def test_the_history_says_when_the_account_is_tried_again(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    """The transfer itself is due at once: it goes when somebody gets through before that."""
    magda.stop()
    transfer = submitted(connected_account)

    deliver_batch(connected_account, among=EVERYTHING)

    transfer.refresh_from_db()
    connected_account.refresh_from_db()
    event = events_for(transfer).get(action="transfer.postponed")
    assert connected_account.paused_until is not None
    assert event.details["next"] == connected_account.paused_until.isoformat()
    assert transfer.next_attempt_at is not None
    assert transfer.next_attempt_at < timezone.now()


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


def test_an_account_in_trouble_costs_its_transfers_no_try(
    connected_account: Account, magda: PracticeMAGDA
) -> None:
    magda.stop()
    transfer = submitted(connected_account)

    for _ in range(3):
        deliver_batch(connected_account, among=EVERYTHING)

    transfer.refresh_from_db()
    assert (transfer.attempts_made, transfer.attempts.count()) == (0, 3)


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
