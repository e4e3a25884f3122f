"""Nothing that a collection fetched is lost, and nothing is kept that is not whole."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from exchange.models import Account, Payload, RemoteFile, Transfer
from exchange.services.collection import collect
from exchange.storage import payload_store
from exchange.tests.servers.faulty_magda import Fault, FaultyMAGDA
from exchange.tests.services.collecting import (
    delete_mode,
    events,
    home,
    names_in,
    payload_path,
    place,
)
from exchange.tests.services.interruption import (
    interrupted_after_committing,
    interrupted_before,
)


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
    assert (result.error_code, result.failed) == ("collection.storage_full", ["a.xml"])
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
