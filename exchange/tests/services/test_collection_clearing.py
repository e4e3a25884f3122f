"""A file is cleared at MAGDA once, and only what is ours; the cache folder is tidied."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from exchange.models import Account, RemoteFile, TemporaryFile
from exchange.models.transfer import State
from exchange.services.cache import MOST_PER_RUN
from exchange.services.collection import collect
from exchange.tests.builders import make_transfer
from exchange.tests.servers.faulty_magda import Fault, FaultyMAGDA
from exchange.tests.services.collecting import (
    delete_mode,
    events,
    home,
    names_in,
    place,
)
from exchange.tests.services.interruption import (
    interrupted_after_committing,
    interrupted_before,
)
from magda_portal.audit.models import AuditEvent


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


# --- what deliveries left behind


def test_a_run_removes_what_a_given_up_delivery_left_behind(
    connected_account: Account, magda: FaultyMAGDA
) -> None:
    """Where nothing is sent any more, no delivery comes by to do it."""
    transfer = make_transfer(
        connected_account, state=State.CANCELLED, holds_name=False, next_attempt_at=None
    )
    ours = f"vraag.xml.{transfer.pk}-1.tmp"
    TemporaryFile.objects.create(transfer=transfer, path=f"to_vip/{ours}")
    for name in (ours, "theirs.tmp"):
        place(magda, name, folder="to_vip")

    collect(connected_account)

    assert names_in(home(magda) / "to_vip") == ["theirs.tmp"]
    assert not TemporaryFile.objects.exists()


def test_the_history_names_the_place_as_it_is_written(
    connected_account: Account, magda: FaultyMAGDA, answer: Path
) -> None:
    collect(connected_account)

    event = AuditEvent.objects.get(action="transfer.released")
    assert event.details["moved_to"] == "cache/from_vip/answer.xml"
