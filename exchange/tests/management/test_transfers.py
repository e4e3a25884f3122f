import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from exchange.models import Account, RemoteFile
from exchange.services.accounts import open_account
from exchange.tests.builders import make_collected, make_delivered
from exchange.tests.management.commands import run_command
from magda_portal.audit.services import Actor
from magda_portal.people.models import Person

pytestmark = pytest.mark.django_db

KEYS = [
    *("id", "direction", "state", "name", "size", "sha256", "account", "attempts", "error"),
    *("stage", "resends", "sent_by"),
]


@pytest.fixture
def accounts(tmp_path: Path) -> list[Account]:
    """Open two accounts, with two queued transfers for the first one and one for the second."""
    opened = []
    for name in ("first", "second"):
        account, _ = open_account(
            name, organisation="Gemeente", environment="TNI", actor=Actor(name="a test")
        )
        opened.append(account)
    for number, name in enumerate(["first", "second", "first"]):
        file = tmp_path / f"{number}.xml"
        file.write_bytes(b"<a/>")
        run_command("deliver", name, file, "--queue")
    return opened


def test_transfers_are_listed_oldest_first(accounts: list[Account]) -> None:
    outcome = run_command("transfers")

    assert outcome.code == 0
    assert [row[3] for row in outcome.rows] == ["0.xml", "1.xml", "2.xml"]
    assert all(len(row) == len(KEYS) for row in outcome.rows)


def test_one_account_can_be_asked_for(accounts: list[Account]) -> None:
    outcome = run_command("transfers", "--account", "first")

    assert [row[3] for row in outcome.rows] == ["0.xml", "2.xml"]


def test_one_environment_can_be_asked_for(accounts: list[Account]) -> None:
    assert len(run_command("transfers", "--environment", "TNI").rows) == 3
    assert run_command("transfers", "--environment", "PRD").rows == []


def test_a_script_reads_one_array_of_objects(accounts: list[Account]) -> None:
    outcome = run_command("transfers", "--json")

    told = json.loads(outcome.out)
    assert [list(row) for row in told] == [KEYS] * 3
    assert told[1]["account"] == "second"
    assert told[1]["attempts"] == 0


def test_attempts_are_counted(accounts: list[Account], tmp_path: Path) -> None:
    file = tmp_path / "3.xml"
    file.write_bytes(b"<a/>")
    # It has no certificate: the attempt fails, and the file stays queued.
    run_command("deliver", "first", file)

    (last,) = [row for row in run_command("transfers").rows if row[3] == "3.xml"]

    assert last[2] == "QUEUED"
    assert last[7:] == ["1", "account.no_certificate", "queued", "", ""]


def test_the_stage_is_that_of_the_page_and_a_second_one_names_the_first(
    accounts: list[Account],
) -> None:
    clerk = Person.objects.create(email="klerk@voorbeeld.example")
    first = make_delivered(accounts[0], picked_up_at=timezone.now(), holds_name=False)
    make_delivered(accounts[0], resends=first, person=clerk)
    make_collected(accounts[0], answers_to=first)

    listed = run_command("transfers", "--account", "first")
    told = json.loads(run_command("transfers", "--account", "first", "--json").out)

    assert [row[9:] for row in listed.rows[-3:]] == [
        ["answered", "", ""],
        ["delivered", str(first.pk), "klerk@voorbeeld.example"],
        ["collected", "", ""],
    ]
    assert [(row["stage"], row["resends"], row["sent_by"]) for row in told[-3:]] == [
        ("answered", None, ""),
        ("delivered", first.pk, "klerk@voorbeeld.example"),
        ("collected", None, ""),
    ]


def test_the_list_costs_no_query_for_each_transfer(accounts: list[Account]) -> None:
    for number in range(5):
        make_delivered(accounts[0], name=f"{number}0.xml")

    with CaptureQueriesContext(connection) as few:
        run_command("transfers", "--account", "second")
    with CaptureQueriesContext(connection) as many:
        run_command("transfers")

    assert len(many) <= len(few)


def test_no_transfers_are_an_empty_array() -> None:
    assert json.loads(run_command("transfers", "--json").out) == []


def test_an_unknown_account_fails_with_advice() -> None:
    outcome = run_command("transfers", "--account", "nobody")

    assert outcome.code == 1
    assert "[account.unknown]" in outcome.err


def test_an_unknown_environment_is_wrong_usage() -> None:
    assert run_command("transfers", "--environment", "ACC").code == 2


@pytest.fixture
def at_magda(accounts: list[Account]) -> datetime:
    """Let a file of each account stand at MAGDA, and one that is in order; return the next try."""
    next_try = datetime(2031, 3, 4, 12, tzinfo=UTC)
    for account, name in zip(accounts, ("a\t.csv", "b.csv"), strict=True):
        RemoteFile.objects.create(
            account=account,
            folder="from_vip/in",
            name=name,
            size=7,
            removal_day=timezone.localdate() + timedelta(days=3),
            error_code="data.stalled",
            failures=4,
            next_try_at=next_try,
        )
    make_collected(accounts[0])
    return next_try


def test_files_that_are_still_at_magda_can_be_listed(at_magda: datetime) -> None:
    outcome = run_command("transfers", "--at-magda", "--account", "first")

    day = (timezone.localdate() + timedelta(days=3)).isoformat()
    (row,) = outcome.rows
    assert row[:7] == ["first", "from_vip/in", r"a\x09.csv", "SEEN", "7", "data.stalled", "4"]
    assert datetime.fromisoformat(row[7]) == at_magda
    assert row[8:] == [day, "3"]


def test_a_script_reads_them_as_one_array(at_magda: datetime) -> None:
    told = json.loads(run_command("transfers", "--at-magda", "--json").out)

    assert [(row["account"], row["name"]) for row in told] == [
        ("first", "a\t.csv"),
        ("second", "b.csv"),
    ]
    assert told[0]["days_left"] == 3
