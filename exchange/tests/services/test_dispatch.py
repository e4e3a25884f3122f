"""What is due, and what is not."""

import io
from datetime import timedelta

from django.utils import timezone

from exchange.models import Account, Transfer
from exchange.models.transfer import State
from exchange.services.dispatch import (
    accounts_with_due_collection,
    accounts_with_due_deliveries,
    deliver_due,
    run_due,
    run_everything_now,
)
from exchange.services.submission import Draft, Submitter, submit
from exchange.services.troubles import may_try
from exchange.tests.wiring import ACTOR
from sandbox.server import DEMO_ACCOUNT, PracticeMAGDA


def queue(account: Account) -> Transfer:
    return submit(Draft(account, "request.xml", Submitter(ACTOR)), content=io.BytesIO(b"<a/>"))


def change(account: Account, **fields: object) -> None:
    Account.objects.filter(pk=account.pk).update(**fields)


def is_due(account: Account) -> tuple[bool, bool]:
    now = timezone.now()
    return (
        account in accounts_with_due_deliveries(now),
        account in accounts_with_due_collection(now),
    )


def test_an_account_with_a_queued_delivery_is_due(connected_account: Account) -> None:
    before = is_due(connected_account)
    queue(connected_account)

    assert before == (False, True)
    assert is_due(connected_account) == (True, True)


def test_a_collected_account_is_due_after_its_interval(connected_account: Account) -> None:
    run_due()

    assert is_due(connected_account) == (False, False)
    change(connected_account, next_collection_at=timezone.now())
    assert is_due(connected_account) == (False, True)


def test_neither_paused_nor_suspended_accounts_are_due(connected_account: Account) -> None:
    queue(connected_account)

    change(connected_account, paused_until=timezone.now() + timedelta(minutes=1))
    assert is_due(connected_account) == (False, False)
    change(connected_account, paused_until=None, state=Account.State.SUSPENDED)
    assert is_due(connected_account) == (False, False)


def test_one_round_delivers_and_collects(connected_account: Account, magda: PracticeMAGDA) -> None:
    transfer = queue(connected_account)
    magda.place(DEMO_ACCOUNT, "from_vip", "publication.xml", b"<p/>")

    result = run_due()

    transfer.refresh_from_db()
    assert transfer.state == State.DONE
    assert result.attempted == [transfer]
    assert len(result.collections[connected_account].collected) == 1


def test_now_waits_out_no_pause(connected_account: Account, magda: PracticeMAGDA) -> None:
    transfer = queue(connected_account)
    later = timezone.now() + timedelta(hours=1)
    change(connected_account, paused_until=later, next_collection_at=later)
    Transfer.objects.update(state=State.WAITING, next_attempt_at=later)

    quiet = run_due()
    result = run_everything_now()

    transfer.refresh_from_db()
    assert (quiet.attempted, quiet.collections) == ([], {})
    assert transfer.state == State.DONE
    assert list(result.collections) == [connected_account]


def test_after_a_pause_one_worker_delivers_first(connected_account: Account) -> None:
    queue(connected_account)
    Account.objects.update(
        trouble_code="connect.refused", paused_until=timezone.now() - timedelta(seconds=1)
    )
    first, second = Account.objects.get(), Account.objects.get()
    assert may_try(first, now=timezone.now())

    assert deliver_due(second) == []
    Account.objects.update(paused_until=timezone.now() - timedelta(seconds=1))
    assert len(deliver_due(Account.objects.get())) == 1
    assert Account.objects.get().paused_until is None


def test_a_worker_that_finds_nothing_due_leaves_the_first_try_to_another(
    connected_account: Account,
) -> None:
    over = timezone.now() - timedelta(seconds=1)
    Account.objects.update(paused_until=over)

    assert deliver_due(Account.objects.get()) == []

    assert Account.objects.get().paused_until == over
