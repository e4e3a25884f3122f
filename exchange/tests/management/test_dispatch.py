from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from exchange.models import Account, Transfer
from exchange.models.transfer import State
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
