"""Trouble with one file, one folder or one name stays where it is."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DataError, connection
from django.utils import timezone

from exchange.models import Account, FolderTrouble, RemoteFile, Subscription, Transfer
from exchange.models.transfer import Direction, State
from exchange.services.collection import collect
from exchange.services.remote_files import LONGEST_DIALOGUE, note_failure
from exchange.tests.servers.faulty_magda import Fault, FaultyMAGDA
from exchange.tests.services.collecting import (
    delete_mode,
    events,
    home,
    place,
)
from exchange.tests.services.interruption import (
    Execute,
)
from magda_portal.audit.models import AuditEvent


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
    assert first.failed == second.failed == ["from_vip/none"]
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
    assert (row.state, row.error_code) == (RemoteFile.State.SEEN, "collection.name_unsafe")
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


# --- what is told of a file that fails


def poison(magda: FaultyMAGDA, reply: str = "451 Broken.") -> None:
    """Lay two files ready, of which the first can't be fetched."""
    place(magda, "a-poison.xml")
    place(magda, "b.xml")
    magda.faults.append(Fault("RETR", about="poison", reply=reply))


def failures() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action="remote_file.failed").order_by("id"))


def test_a_file_that_fails_keeps_the_dialogue_about_it_alone(
    connected_account: Account, magda: FaultyMAGDA
) -> None:
    poison(magda)

    collect(connected_account)

    told = RemoteFile.objects.get(name="a-poison.xml").transcript
    assert "RETR" in told
    assert "451 Broken." in told
    assert "MLSD" not in told
    assert "b.xml" not in told


def test_a_failure_is_an_event_when_it_is_news(
    connected_account: Account, magda: FaultyMAGDA
) -> None:
    poison(magda)
    for _ in range(3):
        collect(connected_account, even_when_paused=True)
    same = len(failures())
    magda.faults[:] = [Fault("RETR", about="poison", reply="550 Access denied.")]
    for _ in range(2):
        collect(connected_account, even_when_paused=True)

    told = [(event.details["error"], event.details["failures"]) for event in failures()]
    assert same == 1
    assert told == [("data.aborted", 1), ("file.denied", 4)]
    assert {event.subject_text for event in failures()} == {"from_vip/a-poison.xml"}


def test_a_name_that_can_not_be_asked_for_is_an_event_once(
    connected_account: Account, magda: FaultyMAGDA
) -> None:
    place(magda, "tab\there.xml")

    for _ in range(3):
        collect(connected_account, even_when_paused=True)

    (event,) = failures()
    assert event.subject_text == r"from_vip/tab\x09here.xml"
    assert event.details["error"] == "collection.name_unsafe"


def test_the_dialogue_that_is_kept_has_an_end(connected_account: Account) -> None:
    row = RemoteFile.objects.create(
        account=connected_account,
        folder="from_vip",
        name="a.xml",
        size=1,
        removal_day=timezone.localdate(),
    )
    dialogue = [f"> NOOP {number}" for number in range(LONGEST_DIALOGUE * 3)]

    note_failure(row, "data.aborted", now=timezone.now(), dialogue=dialogue)

    row.refresh_from_db()
    assert row.transcript.splitlines() == dialogue[-LONGEST_DIALOGUE:]


def test_a_file_that_fails_again_and_again_never_stops_the_others_and_is_never_given_up(
    connected_account: Account, magda: FaultyMAGDA
) -> None:
    place(magda, "a-poison.xml")
    magda.faults.append(Fault("RETR", about="poison", reply="451 Broken."))
    pauses = []
    for number in range(9):
        place(magda, f"b-{number}.xml")
        began = timezone.now()
        RemoteFile.objects.update(next_try_at=None)

        result = collect(connected_account)

        assert [transfer.final_name for transfer in result.collected] == [f"b-{number}.xml"]
        next_try = RemoteFile.objects.get(name="a-poison.xml").next_try_at
        assert next_try is not None
        pauses.append((next_try - began).total_seconds() / 60)

    magda.faults.clear()
    RemoteFile.objects.update(next_try_at=timezone.now())
    last = collect(connected_account)

    row = RemoteFile.objects.get(name="a-poison.xml")
    assert [transfer.final_name for transfer in last.collected] == ["a-poison.xml"]
    # Minutes, each with up to a fifth of jitter and what the run took.
    assert pauses[:6] == sorted(pauses[:6])
    assert all(60 <= pause <= 73 for pause in pauses[6:])
    assert (row.failures, row.error_code) == (0, "")


def test_an_unusable_name_that_an_older_ledger_holds_is_told_as_such(
    connected_account: Account, magda: FaultyMAGDA
) -> None:
    """It was entered with another code, so it is tried; the client refuses to say such a name."""
    place(magda, "tab\there.xml")
    collect(connected_account)
    RemoteFile.objects.update(error_code="name.unsafe")

    collect(connected_account)

    assert RemoteFile.objects.get().error_code == "collection.name_unsafe"
