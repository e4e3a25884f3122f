from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from exchange.models import Account, RemoteFile, Transfer
from exchange.models.transfer import State, Step
from exchange.tests.management.commands import run_command
from sandbox.server import DEMO_ACCOUNT, PracticeMAGDA


@pytest.fixture
def queued(connected_account: Account, tmp_path: Path) -> Transfer:
    file = tmp_path / "request.xml"
    file.write_bytes(b"<a/>")
    run_command("deliver", DEMO_ACCOUNT, file, "--queue")
    return Transfer.objects.get()


def test_what_is_due_is_delivered_and_collected(magda: PracticeMAGDA, queued: Transfer) -> None:
    magda.place(DEMO_ACCOUNT, "from_vip", "answer.xml", b"<a/>")

    outcome = run_command("dispatch")

    assert (outcome.code, outcome.err) == (0, "")
    assert [row[:2] for row in outcome.rows] == [
        ["DONE", "request.xml"],
        ["collected", "answer.xml"],
    ]


def test_nothing_due_is_nothing_done(magda: PracticeMAGDA, connected_account: Account) -> None:
    run_command("dispatch")

    outcome = run_command("dispatch")

    assert (outcome.code, outcome.out) == (0, "")


def test_a_pause_is_waited_out_unless_asked_not_to(
    connected_account: Account, queued: Transfer
) -> None:
    Account.objects.update(paused_until=timezone.now() + timedelta(hours=1))

    due = run_command("dispatch")
    everything = run_command("dispatch", "--now")

    assert (due.code, due.out) == (0, "")
    assert (everything.code, [row[0] for row in everything.rows]) == (0, ["DONE"])


def test_what_a_dead_worker_left_is_taken_up(queued: Transfer) -> None:
    Transfer.objects.update(
        state=State.RUNNING, token=1, lease_until=timezone.now() - timedelta(seconds=1)
    )

    outcome = run_command("dispatch")

    assert outcome.code == 0
    queued.refresh_from_db()
    assert queued.state == State.DONE


def test_what_fails_is_told_with_advice(magda: PracticeMAGDA, queued: Transfer) -> None:
    magda.stop()

    outcome = run_command("dispatch")

    assert outcome.code == 1
    assert [row[0] for row in outcome.rows] == ["QUEUED"]
    assert "request.xml: " in outcome.err
    assert "[connect.refused]" in outcome.err


def test_a_collection_that_somebody_else_runs_is_no_failure(queued: Transfer) -> None:
    # Nobody else's lease counts as due, unless everything is asked for.
    Account.objects.update(collection_lease_until=timezone.now() + timedelta(minutes=1))

    outcome = run_command("dispatch", "--now")

    assert (outcome.code, outcome.err) == (0, "")


def test_a_server_that_is_away_fails_the_collection_with_advice(
    magda: PracticeMAGDA, connected_account: Account
) -> None:
    magda.stop()

    outcome = run_command("dispatch")

    assert outcome.code == 1
    assert f"{DEMO_ACCOUNT}: " in outcome.err


def test_a_file_that_is_never_fetched_is_to_be_fetched_by_hand(
    magda: PracticeMAGDA, connected_account: Account
) -> None:
    magda.place(DEMO_ACCOUNT, "from_vip", "tab\there.xml", b"<a/>")

    outcome = run_command("dispatch", "--now")

    (line,) = outcome.err.splitlines()
    assert outcome.code == 1
    assert line.startswith(r"tab\x09here.xml: ")
    assert "Have it fetched by hand before MAGDA removes it. [collection.name_unsafe]" in line
    assert "next run" not in line


def test_a_file_that_waits_for_its_next_try_is_not_told_again(connected_account: Account) -> None:
    RemoteFile.objects.create(
        account=connected_account,
        folder="elsewhere",
        name="groot.csv",
        size=1,
        removal_day=timezone.localdate(),
        error_code="data.stalled",
    )

    outcome = run_command("dispatch")

    assert (outcome.code, outcome.err) == (0, "")


def test_a_folder_that_can_not_be_read_is_told_as_it_is_written(
    connected_account: Account,
) -> None:
    Account.objects.update(collect_folders=["from_vip/none", "from_vip"])

    outcome = run_command("dispatch")

    assert outcome.err.startswith("from_vip/none: not read, or not cleared; the next run tries")


def test_one_whose_rename_was_asked_is_told_as_looked_for(
    magda: PracticeMAGDA, queued: Transfer
) -> None:
    """``WAITING`` alone would read as if it were sent again."""
    Transfer.objects.update(
        state=State.WAITING,
        step=Step.RENAME_ASKED,
        rename_asked_at=timezone.now(),
        temporary_path="to_vip/request.xml.1-1.tmp",
    )

    outcome = run_command("dispatch", "--now")

    (row,) = outcome.rows
    assert (row[0], row[1], row[-1]) == ("WAITING", "request.xml", "looking")
