"""What a collection makes of a server, a store and a database that fail at the wrong moment."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DataError, connection
from django.utils import timezone

from exchange.ftps import FTPSError
from exchange.models import Account, FolderTrouble, Payload, RemoteFile, Subscription, Transfer
from exchange.models.transfer import Direction, State
from exchange.services.cache import MOST_PER_RUN
from exchange.services.collection import collect
from exchange.services.connections import connect
from exchange.services.lease import CollectionLease
from exchange.storage import payload_store
from exchange.tests.servers.faulty_magda import Fault, FaultyMAGDA
from exchange.tests.services.interruption import (
    Execute,
    interrupted_after_committing,
    interrupted_before,
)
from magda_portal.audit.models import AuditEvent
from sandbox.server import DEMO_ACCOUNT


def home(magda: FaultyMAGDA) -> Path:
    return magda.home(DEMO_ACCOUNT)


def place(
    magda: FaultyMAGDA, name: str, content: bytes = b"<x/>", folder: str = "from_vip"
) -> Path:
    return magda.place(DEMO_ACCOUNT, folder, name, content)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def payload_path(transfer: Transfer) -> Path:
    assert transfer.payload is not None
    (path,) = payload_store().root.glob(f"*/{transfer.payload.pk}")
    return path


def delete_mode(account: Account) -> None:
    account.after_collection = Account.AfterCollection.DELETE
    account.save()


def events(action: str) -> int:
    return AuditEvent.objects.filter(action=action).count()


# --- keeping


@pytest.fixture
def answer(magda: FaultyMAGDA) -> Path:
    return place(magda, "answer.xml")


def test_an_interruption_after_the_commit_costs_no_content(
    connected_account: Account, magda: FaultyMAGDA, answer: Path
) -> None:
    with interrupted_after_committing('INSERT INTO "exchange_payload"'):
        collect(connected_account)
    kept = Transfer.objects.get()

    result = collect(connected_account)

    assert payload_path(kept).read_bytes() == b"<x/>"
    assert (result.collected, result.released) == ([], 1)
    assert names_in(home(magda) / "cache/from_vip") == ["answer.xml"]


def test_an_interruption_before_the_commit_leaves_nothing_behind(
    connected_account: Account, magda: FaultyMAGDA, answer: Path
) -> None:
    before = set(payload_store().root.glob("*/*"))

    with interrupted_before('INSERT INTO "exchange_payload"'):
        collect(connected_account)

    assert set(payload_store().root.glob("*/*")) == before
    assert answer.exists()
    assert len(collect(connected_account).collected) == 1


def test_a_kept_file_without_its_content_is_not_cleared_but_fetched_again(
    connected_account: Account, magda: FaultyMAGDA, answer: Path
) -> None:
    delete_mode(connected_account)
    with interrupted_after_committing('INSERT INTO "exchange_payload"'):
        collect(connected_account)
    payload_path(Transfer.objects.get()).unlink()

    first = collect(connected_account)
    row = RemoteFile.objects.get()
    found = (row.state, row.error_code, answer.exists())
    second = collect(connected_account)

    assert (first.released, first.failed) == (0, ["answer.xml"])
    assert found == (RemoteFile.State.SEEN, "payload.missing", True)
    (transfer,) = second.collected
    assert transfer == Transfer.objects.get()
    assert payload_path(transfer).read_bytes() == b"<x/>"
    assert second.released == 1
    assert not answer.exists()
    assert events("payload.missing") == 1


def test_a_content_that_was_cut_short_here_is_missing_too(
    connected_account: Account, magda: FaultyMAGDA, answer: Path
) -> None:
    with interrupted_after_committing('INSERT INTO "exchange_payload"'):
        collect(connected_account)
    payload_path(Transfer.objects.get()).write_bytes(b"<")

    collect(connected_account)

    assert answer.exists()


def test_a_content_whose_retention_ended_does_not_keep_its_file_at_magda(
    connected_account: Account, magda: FaultyMAGDA, answer: Path
) -> None:
    with interrupted_after_committing('INSERT INTO "exchange_payload"'):
        collect(connected_account)
    payload_path(Transfer.objects.get()).unlink()
    Payload.objects.update(erased_at=timezone.now())

    assert collect(connected_account).released == 1


# --- clearing


@pytest.mark.parametrize("mode", Account.AfterCollection)
@pytest.mark.parametrize("reply", ["550 Nope.", "550 Access denied.", "553 Nope."])
def test_a_refusal_to_clear_is_not_taken_for_gone(
    connected_account: Account,
    magda: FaultyMAGDA,
    answer: Path,
    mode: Account.AfterCollection,
    reply: str,
) -> None:
    connected_account.after_collection = mode
    connected_account.save()
    magda.faults += [Fault("RNFR", reply=reply), Fault("DELE", reply=reply)]

    first = collect(connected_account)
    second = collect(connected_account, even_when_paused=True)

    row = RemoteFile.objects.get()
    assert (len(first.collected), first.released, first.failed) == (1, 0, ["answer.xml"])
    assert (second.collected, second.failed) == ([], ["answer.xml"])
    assert (row.state, row.failures) == (RemoteFile.State.KEPT, 2)
    assert row.error_code in ("file.not_found", "file.denied")
    assert (row.release_asked_at, row.cache_path) == (None, "")
    assert events("transfer.released") == 0


def test_a_name_that_the_server_takes_for_taken_gets_another(
    connected_account: Account, magda: FaultyMAGDA, answer: Path
) -> None:
    magda.faults.append(Fault("RNTO", reply="553 That name is taken.", times=1))

    result = collect(connected_account)

    (transfer,) = result.collected
    assert result.released == 1
    assert names_in(home(magda) / "cache/from_vip") == [f"answer.xml.{transfer.pk}"]


def test_what_stands_in_the_cache_is_never_replaced(
    connected_account: Account, magda: FaultyMAGDA, answer: Path
) -> None:
    place(magda, "answer.xml", b"<old/>", folder="cache/from_vip")

    collect(connected_account)

    assert len(names_in(home(magda) / "cache/from_vip")) == 2
    assert (home(magda) / "cache/from_vip/answer.xml").read_bytes() == b"<old/>"


def test_a_move_that_was_done_but_not_written_down_is_found(
    connected_account: Account, magda: FaultyMAGDA, answer: Path
) -> None:
    with interrupted_before('"released_at" = '):
        collect(connected_account)
    asked = RemoteFile.objects.get()

    result = collect(connected_account)

    row = RemoteFile.objects.get()
    assert (asked.state, asked.cache_path) == ("KEPT", "cache/from_vip/answer.xml")
    assert row.state == RemoteFile.State.RELEASED
    assert (result.collected, result.failed) == ([], [])
    assert (events("transfer.released"), events("remote_file.vanished")) == (1, 0)


def test_a_move_that_was_only_intended_is_done(
    connected_account: Account, magda: FaultyMAGDA, answer: Path
) -> None:
    with interrupted_after_committing('"release_asked_at" = '):
        collect(connected_account)
    stood_there = answer.exists()

    result = collect(connected_account)

    assert stood_there
    assert result.released == 1
    assert names_in(home(magda) / "cache/from_vip") == ["answer.xml"]


def test_a_move_asked_for_before_other_hands_came_is_not_claimed(
    connected_account: Account, magda: FaultyMAGDA, answer: Path
) -> None:
    with interrupted_after_committing('"release_asked_at" = '):
        collect(connected_account)
    answer.unlink()

    collect(connected_account)

    assert RemoteFile.objects.get().state == RemoteFile.State.VANISHED
    assert (events("transfer.released"), events("remote_file.vanished")) == (0, 1)


def test_a_deletion_that_was_done_but_not_written_down_is_known(
    connected_account: Account, magda: FaultyMAGDA, answer: Path
) -> None:
    delete_mode(connected_account)
    with interrupted_before('"released_at" = '):
        collect(connected_account)

    collect(connected_account)

    assert not answer.exists()
    assert RemoteFile.objects.get().state == RemoteFile.State.RELEASED
    assert (events("transfer.released"), events("remote_file.vanished")) == (1, 0)


@pytest.mark.parametrize(
    ("mode", "verb"),
    [(Account.AfterCollection.MOVE, "RNTO"), (Account.AfterCollection.DELETE, "DELE")],
)
def test_a_lost_reply_is_made_good_by_looking(
    connected_account: Account,
    magda: FaultyMAGDA,
    answer: Path,
    mode: Account.AfterCollection,
    verb: str,
) -> None:
    connected_account.after_collection = mode
    connected_account.save()
    magda.faults.append(Fault(verb, obeys=True))

    result = collect(connected_account)

    assert (result.released, result.failed, result.error_code) == (1, [], "")
    assert RemoteFile.objects.get().state == RemoteFile.State.RELEASED
    assert not answer.exists()


@pytest.mark.parametrize("mode", Account.AfterCollection)
def test_a_file_that_is_taken_away_once_we_have_it_is_kept(
    connected_account: Account, magda: FaultyMAGDA, answer: Path, mode: Account.AfterCollection
) -> None:
    connected_account.after_collection = mode
    connected_account.save()
    # libcurl asks for the size before RETR, and we do after it.
    magda.faults.append(
        Fault("SIZE", about="answer.xml", after=1, reply="550 Gone.", first=answer.unlink)
    )

    result = collect(connected_account)

    assert (len(result.collected), result.released, result.failed) == (1, 0, [])
    assert RemoteFile.objects.get().state == RemoteFile.State.VANISHED
    assert (events("transfer.released"), events("remote_file.vanished")) == (0, 1)


# --- one file, one folder


@pytest.mark.parametrize("reply", ["421 Closing.", "550 Broken.", "451 Broken."])
def test_one_file_that_fails_does_not_stop_the_others(
    connected_account: Account, magda: FaultyMAGDA, reply: str
) -> None:
    place(magda, "a-poison.xml")
    place(magda, "b.xml")
    magda.faults.append(Fault("RETR", about="poison", reply=reply))

    first = collect(connected_account)
    second = collect(connected_account)
    third = collect(connected_account, even_when_paused=True)

    assert [transfer.final_name for transfer in first.collected] == ["b.xml"]
    assert (first.failed, first.error_code) == (["a-poison.xml"], "")
    # It waits for its next try, which a person need not.
    assert second.failed == []
    assert third.failed == ["a-poison.xml"]
    row = RemoteFile.objects.get(name="a-poison.xml")
    assert row.failures == 2
    assert row.error_code
    assert row.last_error_at is not None
    assert row.next_try_at is not None
    assert row.next_try_at > timezone.now() + timedelta(minutes=1)
    connected_account.refresh_from_db()
    assert (connected_account.trouble_code, connected_account.paused_until) == ("", None)


def test_a_file_that_failed_is_fetched_when_its_time_has_come(
    connected_account: Account, magda: FaultyMAGDA
) -> None:
    Subscription.objects.create(account=connected_account, prefix="pub")
    place(magda, "pub_a.xml", folder="public")
    magda.faults.append(Fault("RETR", reply="451 Not now.", times=1))
    collect(connected_account)
    RemoteFile.objects.update(next_try_at=timezone.now())

    result = collect(connected_account)

    row = RemoteFile.objects.get()
    assert len(result.collected) == 1
    assert (row.failures, row.next_try_at, row.error_code) == (0, None, "")


def test_a_connection_that_is_cut_at_a_second_file_is_the_accounts_trouble(
    connected_account: Account, magda: FaultyMAGDA
) -> None:
    for name in ("a.xml", "b.xml", "c.xml"):
        place(magda, name)
    magda.faults.append(Fault("RETR", reply="421 Closing."))

    result = collect(connected_account)

    connected_account.refresh_from_db()
    assert result.error_code == connected_account.trouble_code == "connect.unavailable"
    assert connected_account.is_paused(timezone.now())
    assert [row.failures for row in RemoteFile.objects.order_by("name")] == [1, 1, 0]


def test_a_listing_that_is_cut_before_anything_worked_is_the_accounts_trouble(
    connected_account: Account, magda: FaultyMAGDA
) -> None:
    magda.faults.append(Fault("MLSD", reply="421 Closing."))

    result = collect(connected_account)

    connected_account.refresh_from_db()
    assert result.error_code == "connect.unavailable"
    assert connected_account.is_paused(timezone.now())


def test_a_missing_folder_is_shown_and_the_others_are_collected(
    connected_account: Account, magda: FaultyMAGDA, answer: Path
) -> None:
    connected_account.collect_folders = ["from_vip/none", "from_vip"]
    connected_account.save()

    first, second = collect(connected_account), collect(connected_account)
    trouble = FolderTrouble.objects.get()
    (home(magda) / "from_vip/none").mkdir()
    third = collect(connected_account)

    connected_account.refresh_from_db()
    assert len(first.collected) == 1
    assert first.failed == second.failed == [r"from_vip\x2fnone"]
    assert trouble.folder == "from_vip/none"
    assert trouble.error_code in ("file.not_found", "command.refused")
    assert (third.failed, FolderTrouble.objects.count()) == ([], 0)
    assert (events("account.folder_failed"), events("account.folder_recovered")) == (1, 1)
    assert (connected_account.trouble_code, connected_account.paused_until) == ("", None)


@pytest.mark.parametrize("folder", ["public", "to_vip", "cache/from_vip"])
def test_a_stage_that_is_refused_does_not_cost_the_others(
    connected_account: Account, magda: FaultyMAGDA, answer: Path, folder: str
) -> None:
    connected_account.clear_cache_after = 0
    connected_account.save()
    Subscription.objects.create(account=connected_account, prefix="pub")
    Transfer.objects.create(
        account=connected_account,
        direction=Direction.DELIVERY,
        state=State.DONE,
        final_name="request.xml",
        size=1,
        finished_at=timezone.now(),
    )
    RemoteFile.objects.create(
        account=connected_account,
        folder="from_vip",
        name="old.xml",
        size=4,
        state=RemoteFile.State.RELEASED,
        released_at=timezone.now() - timedelta(days=1),
        removal_day=timezone.localdate(),
        cache_path="cache/from_vip/old.xml",
    )
    delete_mode(connected_account)
    magda.faults.append(Fault("MLSD", about=folder, reply="550 Access denied."))

    result = collect(connected_account)

    assert len(result.collected) == 1
    assert result.error_code == ""
    assert FolderTrouble.objects.get().error_code == "file.denied"
    connected_account.refresh_from_db()
    assert connected_account.paused_until is None


def test_a_surprise_in_one_file_does_not_cost_the_others(
    connected_account: Account, magda: FaultyMAGDA
) -> None:
    place(magda, "a.xml")
    place(magda, "b.xml")
    is_first = True

    def refuse_once(
        execute: Execute, sql: str, params: object, many: bool, context: dict[str, object]
    ) -> object:
        nonlocal is_first
        if 'INSERT INTO "exchange_payload"' in sql and is_first:
            is_first = False
            raise DataError("out of range")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse_once):
        result = collect(connected_account)

    assert [transfer.final_name for transfer in result.collected] == ["b.xml"]
    assert result.failed == ["a.xml"]
    # Above all: what was rolled back is not taken for kept.
    assert (home(magda) / "from_vip/a.xml").exists()
    assert RemoteFile.objects.get(name="a.xml").error_code == "collection.unexpected"


@pytest.fixture
def full_store() -> Iterator[Path]:
    """Lay a file in the place of the store's folder, so that nothing can be kept."""
    root = payload_store().root
    aside = root.with_name("aside")
    root.rename(aside)
    root.write_bytes(b"")
    try:
        yield root
    finally:
        root.unlink()
        aside.rename(root)


def test_a_full_store_ends_the_fetching_but_pauses_nothing(
    connected_account: Account, magda: FaultyMAGDA, full_store: Path
) -> None:
    for name in ("a.xml", "b.xml", "c.xml"):
        place(magda, name)

    result = collect(connected_account)

    connected_account.refresh_from_db()
    assert (result.error_code, result.failed) == ("storage.full", ["a.xml"])
    assert [line.command for line in magda.log].count("RETR") == 0
    assert (connected_account.trouble_code, connected_account.paused_until) == ("", None)
    assert names_in(home(magda) / "from_vip") == ["a.xml", "b.xml", "c.xml"]


# --- sizes


def test_a_server_that_refuses_size_after_the_file_is_asked_for_its_listing(
    connected_account: Account, magda: FaultyMAGDA, answer: Path
) -> None:
    magda.faults.append(Fault("SIZE", after=1, reply="550 SIZE not available."))

    result = collect(connected_account)

    assert (len(result.collected), result.released, result.failed) == (1, 1, [])


def test_a_file_that_grew_meanwhile_is_left_for_the_next_run(
    connected_account: Account, magda: FaultyMAGDA, answer: Path
) -> None:
    magda.faults.append(
        Fault(
            "SIZE",
            after=1,
            times=1,
            reply="550 SIZE not available.",
            first=lambda: answer.write_bytes(b"<longer/>"),
        )
    )

    first = collect(connected_account)
    row = RemoteFile.objects.get()
    second = collect(connected_account)

    assert (first.collected, first.failed) == ([], [])
    assert (row.state, row.error_code, row.failures) == ("SEEN", "collection.changed", 0)
    assert [payload_path(transfer).read_bytes() for transfer in second.collected] == [b"<longer/>"]


# --- names


def test_a_name_that_can_not_be_asked_for_is_shown_and_stays(
    connected_account: Account, magda: FaultyMAGDA
) -> None:
    place(magda, "tab\there.xml")
    place(magda, "fine.xml")

    first, second = collect(connected_account), collect(connected_account)

    assert [transfer.final_name for transfer in first.collected] == ["fine.xml"]
    assert first.failed == second.failed == [r"tab\x09here.xml"]
    row = RemoteFile.objects.get(name="tab\there.xml")
    assert (row.state, row.error_code) == (RemoteFile.State.SEEN, "name.unsafe")
    assert (home(magda) / "from_vip/tab\there.xml").exists()


# --- public


def test_a_subscription_that_is_taken_up_again_fetches_nothing_twice(
    connected_account: Account, magda: FaultyMAGDA
) -> None:
    place(magda, "pub_a.xml", folder="public")
    place(magda, "pub_b.xml", folder="public")
    for prefix in ("pub_a", "pub_b"):
        Subscription.objects.create(account=connected_account, prefix=prefix)
    collect(connected_account)
    Subscription.objects.get(prefix="pub_b").delete()
    without = collect(connected_account)
    Subscription.objects.create(account=connected_account, prefix="pub_b")

    again = collect(connected_account)

    assert (without.collected, again.collected) == ([], [])
    assert events("remote_file.vanished") == 0
    assert set(RemoteFile.objects.values_list("state", flat=True)) == {RemoteFile.State.KEPT}
    assert Transfer.objects.count() == 2


def test_a_publication_is_not_fetched_any_more_once_nobody_subscribes(
    connected_account: Account, magda: FaultyMAGDA
) -> None:
    place(magda, "pub_a.xml", folder="public")
    Subscription.objects.create(account=connected_account, prefix="pub_a")
    magda.faults.append(Fault("RETR", reply="451 Not now.", times=1))
    collect(connected_account)
    Subscription.objects.all().delete()

    result = collect(connected_account, even_when_paused=True)
    (home(magda) / "public/pub_a.xml").unlink()
    collect(connected_account)

    assert result.collected == []
    assert RemoteFile.objects.get().state == RemoteFile.State.VANISHED


# --- the cache folder


@pytest.fixture
def cleared(connected_account: Account, magda: FaultyMAGDA, answer: Path) -> Account:
    """Let one file stand in the cache folder for longer than the account wants."""
    collect(connected_account)
    connected_account.clear_cache_after = 3
    connected_account.save()
    RemoteFile.objects.update(released_at=timezone.now() - timedelta(days=4))
    return connected_account


def test_clearing_the_cache_makes_an_event(cleared: Account, magda: FaultyMAGDA) -> None:
    result = collect(cleared)

    assert result.cleared == 1
    assert names_in(home(magda) / "cache/from_vip") == []
    event = AuditEvent.objects.get(action="transfer.cleared")
    assert event.details == {"found": "ours"}


@pytest.mark.parametrize("reply", ["550 Nope.", "550 Access denied."])
def test_a_refusal_to_clear_the_cache_is_no_clearing(
    cleared: Account, magda: FaultyMAGDA, reply: str
) -> None:
    magda.faults.append(Fault("DELE", reply=reply))

    first, second = collect(cleared), collect(cleared)

    row = RemoteFile.objects.get()
    # The second run waits for the next try.
    assert (first.failed, second.failed) == (["answer.xml"], [])
    assert (row.cleared_at, row.failures) == (None, 1)
    assert row.error_code
    assert events("transfer.cleared") == 0
    cleared.refresh_from_db()
    assert cleared.paused_until is None


def test_what_others_put_under_its_name_stays(cleared: Account, magda: FaultyMAGDA) -> None:
    place(magda, "answer.xml", b"<theirs/>", folder="cache/from_vip")

    result = collect(cleared)

    assert (result.cleared, names_in(home(magda) / "cache/from_vip")) == (0, ["answer.xml"])
    assert AuditEvent.objects.get(action="transfer.cleared").details == {"found": "another file"}


def test_one_run_clears_so_many_and_no_more(cleared: Account, magda: FaultyMAGDA) -> None:
    RemoteFile.objects.bulk_create(
        RemoteFile(
            account=cleared,
            folder="from_vip",
            name=f"{number}.xml",
            size=4,
            state=RemoteFile.State.RELEASED,
            released_at=timezone.now() - timedelta(days=5),
            removal_day=timezone.localdate(),
            cache_path=f"cache/from_vip/{number}.xml",
        )
        for number in range(MOST_PER_RUN + 5)
    )

    collect(cleared)

    assert RemoteFile.objects.filter(cleared_at=None).count() == 6


# --- the lease


def test_a_slow_listing_keeps_the_lease(connected_account: Account, magda: FaultyMAGDA) -> None:
    """Another run that could take over meanwhile would fetch everything a second time."""
    lease = CollectionLease.take(connected_account, now=timezone.now())
    assert lease is not None
    lease._renewed -= 60
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
