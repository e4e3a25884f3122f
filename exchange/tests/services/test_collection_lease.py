"""One collection at a time, and one that lost its lease does nothing more."""

import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from exchange.ftps import FTPSError
from exchange.models import Account, ConnectionSlot, Transfer
from exchange.services.collection import collect
from exchange.services.collection_run import CollectionRun
from exchange.services.connections import connect
from exchange.services.lease import CollectionLease, CollectionLeaseLostError
from exchange.services.slots import SlotLostError, hold_slot
from exchange.services.troubles import account_reached, may_try
from exchange.storage import payload_store
from exchange.tests.servers.faulty_magda import Fault, FaultyMAGDA
from exchange.tests.services.interruption import (
    Execute,
)


def taken(account: Account) -> CollectionLease:
    lease = CollectionLease.take(account)
    assert lease is not None
    return lease


def commands(magda: FaultyMAGDA) -> list[str]:
    return [line.command for line in magda.log]


def test_only_one_run_at_a_time(connected_account: Account, magda: FaultyMAGDA) -> None:
    lease = taken(connected_account)

    refused = collect(connected_account)
    lease.give_back(next_at=timezone.now())

    assert refused.error_code == "collection.already_running"
    assert collect(connected_account).error_code == ""


def test_a_lease_that_ran_out_can_be_taken_and_its_holder_stops(
    connected_account: Account,
) -> None:
    old = taken(connected_account)
    Account.objects.update(collection_lease_until=timezone.now() - timedelta(minutes=5))

    taken(connected_account).renew()

    with pytest.raises(CollectionLeaseLostError):
        old.renew()


def test_a_slow_listing_keeps_the_lease(connected_account: Account, magda: FaultyMAGDA) -> None:
    """Another run that could take over meanwhile would fetch everything a second time."""
    lease = taken(connected_account)
    lease._timer._since -= 20
    Account.objects.update(collection_lease_until=timezone.now())
    magda.faults.append(Fault("MLSD", first=lambda: time.sleep(2), reply="550 None."))
    connected = connect(connected_account, now=timezone.now(), heartbeat=lease.renew_now_and_then)

    with connected.client as client, pytest.raises(FTPSError):
        client.entries("from_vip")

    connected_account.refresh_from_db()
    assert connected_account.collection_lease_until is not None
    assert connected_account.collection_lease_until > timezone.now() + timedelta(seconds=30)


@pytest.mark.parametrize("writes_before", [2, 3], ids=["before the file", "while it is fetched"])
def test_a_run_whose_lease_was_taken_keeps_and_clears_nothing(
    connected_account: Account, magda: FaultyMAGDA, answer: Path, writes_before: int
) -> None:
    stored_before = set(payload_store().root.glob("*/*"))
    writes = 0

    def take_over(
        execute: Execute, sql: str, params: object, many: bool, context: dict[str, object]
    ) -> object:
        nonlocal writes
        result = execute(sql, params, many, context)
        if sql.startswith('UPDATE "exchange_account" SET "collection_lease_until"'):
            writes += 1
            if writes == writes_before:
                Account.objects.update(collection_token=99)
        return result

    with connection.execute_wrapper(take_over):
        result = collect(connected_account)

    assert result.error_code == "collection.taken_over"
    assert answer.exists()
    assert Transfer.objects.count() == 0
    assert set(payload_store().root.glob("*/*")) == stored_before
    retrieved = "RETR" in [line.command for line in magda.log]
    assert retrieved == (writes_before == 3)


@pytest.mark.parametrize("verb", ["MLSD", "RETR", "RNFR"])
def test_a_run_that_was_frozen_past_its_lease_sends_nothing_after_it_wakes(
    connected_account: Account, magda: FaultyMAGDA, answer: Path, verb: str
) -> None:
    """Nobody has taken over yet: its own clock alone says that somebody may at any moment."""
    lease = taken(connected_account)

    def freeze() -> None:
        lease._timer._since -= 61

    magda.faults.append(Fault(verb, first=freeze, reply="550 No.", times=1))
    connected = connect(connected_account, now=timezone.now(), heartbeat=lease.renew_now_and_then)
    run = CollectionRun(connected_account, lease, connected, files_due_at=None)

    with connected.client, pytest.raises(CollectionLeaseLostError):
        run.go()

    woken = commands(magda)[commands(magda).index(verb) + 1 :]
    assert set(woken) <= {"QUIT"}
    assert answer.exists()


# --- connections


def test_a_run_holds_one_of_the_accounts_connections(
    connected_account: Account, magda: FaultyMAGDA, answer: Path
) -> None:
    held: list[bool] = []
    slots = ConnectionSlot.objects.filter(lease_until__isnull=False)

    def look(
        execute: Execute, sql: str, params: object, many: bool, context: dict[str, object]
    ) -> object:
        if sql.startswith('INSERT INTO "exchange_payload"'):
            held.append(slots.exists())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        collect(connected_account)

    assert held == [True]
    assert not slots.exists()


def test_a_run_that_finds_no_connection_free_is_due_again_in_seconds(
    connected_account: Account, magda: FaultyMAGDA, answer: Path
) -> None:
    connected_account.collect_every = 3600
    connected_account.save()

    with (
        hold_slot(connected_account, for_collection=True),
        hold_slot(connected_account, for_collection=True),
    ):
        result = collect(connected_account)

    connected_account.refresh_from_db()
    assert (result.error_code, magda.log) == ("account.connections_busy", [])
    assert connected_account.next_collection_at < timezone.now() + timedelta(seconds=11)
    assert (connected_account.trouble_code, connected_account.last_looked_at) == ("", None)


def test_a_run_whose_connection_was_taken_by_another_stops(
    connected_account: Account, magda: FaultyMAGDA, answer: Path
) -> None:
    def take_over() -> None:
        raise SlotLostError

    lease = taken(connected_account)
    connected = connect(connected_account, now=timezone.now(), heartbeat=take_over)
    run = CollectionRun(connected_account, lease, connected, files_due_at=None)

    with connected.client, pytest.raises(SlotLostError):
        run.go()

    assert "RETR" not in commands(magda)
    assert Transfer.objects.count() == 0


# --- after a pause


def test_after_a_pause_a_run_waits_for_the_one_that_tries_first(
    connected_account: Account, magda: FaultyMAGDA, answer: Path
) -> None:
    Account.objects.update(
        paused_until=timezone.now() - timedelta(seconds=1), trouble_code="connect.refused"
    )
    first, second = (Account.objects.get() for _ in range(2))
    may_try(first, now=timezone.now())

    waiting = collect(second)
    seen_by_then = list(magda.log)
    account_reached(first, now=timezone.now())

    assert (waiting.error_code, seen_by_then) == ("account.paused", [])
    assert len(collect(Account.objects.get()).collected) == 1


def test_after_a_pause_a_run_that_gets_through_ends_the_trouble(
    connected_account: Account, magda: FaultyMAGDA, answer: Path
) -> None:
    Account.objects.update(
        paused_until=timezone.now() - timedelta(seconds=1), trouble_code="connect.refused"
    )

    result = collect(Account.objects.get())

    after = Account.objects.get()
    assert len(result.collected) == 1
    assert (after.trouble_code, after.paused_until) == ("", None)
