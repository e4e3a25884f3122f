import json
from datetime import timedelta

import pytest
from django.utils import timezone

from exchange.models import Account, RemoteFile, Transfer
from exchange.tests.management.commands import run_command
from sandbox.server import DEMO_ACCOUNT, PracticeMAGDA


def test_what_magda_laid_ready_is_collected_and_cleared(
    magda: PracticeMAGDA, connected_account: Account
) -> None:
    magda.place(DEMO_ACCOUNT, "from_vip", "answer.xml", b"<a/>")
    magda.place(DEMO_ACCOUNT, "from_vip", "nothing.csv", b"")

    outcome = run_command("collect", DEMO_ACCOUNT)

    assert (outcome.code, outcome.err) == (0, "")
    assert [row[:2] for row in outcome.rows] == [
        ["collected", "answer.xml"],
        ["collected", "nothing.csv"],
        ["cleared", "2"],
        ["picked up", "0"],
    ]
    assert not list((magda.home(DEMO_ACCOUNT) / "from_vip").iterdir())


def test_a_script_reads_what_was_collected_as_json(
    magda: PracticeMAGDA, connected_account: Account
) -> None:
    magda.place(DEMO_ACCOUNT, "from_vip", "answer.xml", b"<a/>")

    first = run_command("collect", DEMO_ACCOUNT, "--json")
    second = run_command("collect", DEMO_ACCOUNT, "--json")

    assert [row["name"] for row in json.loads(first.out)] == ["answer.xml"]
    assert json.loads(second.out) == []


@pytest.mark.parametrize(
    ("name", "as_shown"), [("red\x1b[31m.xml", r"red\x1b[31m.xml"), ("\u202elmx.a", r"\u202elmx.a")]
)
def test_a_remote_name_can_not_steer_the_terminal(
    magda: PracticeMAGDA, connected_account: Account, name: str, as_shown: str
) -> None:
    magda.place(DEMO_ACCOUNT, "from_vip", name, b"<a/>")

    collected = run_command("collect", DEMO_ACCOUNT)
    listed = run_command("transfers")

    printed = collected.out + collected.err
    assert name not in printed + listed.out
    assert as_shown in printed
    assert len(listed.rows) == Transfer.objects.count()


def test_a_paused_account_is_collected_all_the_same(
    magda: PracticeMAGDA, connected_account: Account
) -> None:
    magda.place(DEMO_ACCOUNT, "from_vip", "answer.xml", b"<a/>")
    connected_account.paused_until = timezone.now() + timedelta(hours=1)
    connected_account.save(update_fields=["paused_until"])

    outcome = run_command("collect", DEMO_ACCOUNT)

    assert outcome.code == 0
    assert Transfer.objects.get().final_name == "answer.xml"


def test_a_server_that_is_away_fails_with_advice(
    magda: PracticeMAGDA, connected_account: Account
) -> None:
    magda.stop()

    outcome = run_command("collect", DEMO_ACCOUNT)

    assert outcome.code == 1
    assert "[connect.refused]" in outcome.err


def test_a_collection_that_is_under_way_is_left_alone(connected_account: Account) -> None:
    connected_account.collection_lease_until = timezone.now() + timedelta(minutes=1)
    connected_account.save(update_fields=["collection_lease_until"])

    outcome = run_command("collect", DEMO_ACCOUNT)

    assert outcome.code == 1
    assert "[collection.already_running]" in outcome.err


def test_a_file_that_can_not_be_collected_is_told_with_all_its_facts(
    magda: PracticeMAGDA, connected_account: Account
) -> None:
    magda.place(DEMO_ACCOUNT, "from_vip", "tab\there.xml", b"<a/>")
    magda.place(DEMO_ACCOUNT, "from_vip", "fine.xml", b"<a/>")

    outcome = run_command("collect", DEMO_ACCOUNT)

    (line,) = outcome.err.splitlines()
    last_day = (timezone.localdate() + timedelta(days=14)).isoformat()
    assert outcome.code == 1
    assert line.startswith(r"tab\x09here.xml: ")
    assert "[collection.name_unsafe]" in line
    assert line.endswith(f"MAGDA removes it on {last_day} (14 days left)")


def test_what_could_not_log_in_counts_nothing(
    magda: PracticeMAGDA, connected_account: Account
) -> None:
    magda.stop()

    assert run_command("collect", DEMO_ACCOUNT).out == ""


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (2, "(2 days left)"),
        (1, "(1 day left)"),
        (0, "(today)"),
        (-1, "(so it may be gone at any moment)"),
    ],
)
def test_the_days_left_are_said_in_words(
    magda: PracticeMAGDA, connected_account: Account, days: int, words: str
) -> None:
    RemoteFile.objects.create(
        account=connected_account,
        folder="from_vip",
        name="groot.csv",
        size=1,
        removal_day=timezone.localdate() + timedelta(days=days),
        error_code="data.stalled",
    )
    # So that its line stays as it is.
    magda.stop()

    outcome = run_command("collect", DEMO_ACCOUNT)

    assert outcome.err.splitlines()[0].endswith(words)
