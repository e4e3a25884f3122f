import hashlib
import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from exchange.models import Account, Transfer
from exchange.models.transfer import State
from exchange.tests.management.commands import run_command
from magda_portal.audit.actions import Action
from magda_portal.audit.models import AuditEvent
from sandbox.server import DEMO_ACCOUNT, PracticeMAGDA


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"request {number}.xml" for number in range(3)]
    for path in paths:
        path.write_bytes(f"<a>{path.name}</a>".encode())
    return paths


def test_each_file_is_delivered_over_one_connection(
    magda: PracticeMAGDA, connected_account: Account, files: list[Path]
) -> None:
    outcome = run_command("deliver", DEMO_ACCOUNT, *files)

    assert (outcome.code, outcome.err) == (0, "")
    assert [row[:2] for row in outcome.rows] == [["DONE", path.name] for path in files]
    laid = magda.home(DEMO_ACCOUNT) / "to_vip"
    assert {path.name: path.read_bytes() for path in laid.iterdir()} == {
        path.name: path.read_bytes() for path in files
    }
    assert len({line.connection for line in magda.log if line.command == "STOR"}) == 1


def test_who_ran_the_command_stands_in_the_history(
    connected_account: Account, files: list[Path]
) -> None:
    run_command("deliver", DEMO_ACCOUNT, files[0])

    event = AuditEvent.objects.get(action=Action.TRANSFER_SUBMITTED)
    assert event.actor_name.startswith("command line (")


def test_a_script_reads_json(connected_account: Account, files: list[Path]) -> None:
    outcome = run_command("deliver", DEMO_ACCOUNT, files[0], "--json")

    (told,) = json.loads(outcome.out)
    assert told == {
        "id": Transfer.objects.get().pk,
        "direction": "DELIVERY",
        "state": "DONE",
        "name": files[0].name,
        "size": files[0].stat().st_size,
        "sha256": hashlib.sha256(files[0].read_bytes()).hexdigest(),
        "account": DEMO_ACCOUNT,
        "attempts": 1,
        "error": "",
        "stage": "delivered",
        "resends": None,
        "sent_by": "",
    }


def test_a_file_that_is_refused_does_not_keep_the_others_back(
    connected_account: Account, files: list[Path], tmp_path: Path
) -> None:
    empty, missing = tmp_path / "empty.xml", tmp_path / "missing.xml"
    empty.touch()

    outcome = run_command("deliver", DEMO_ACCOUNT, empty, missing, files[0])

    assert outcome.code == 1
    assert [row[:2] for row in outcome.rows] == [["DONE", files[0].name]]
    assert "empty.xml: " in outcome.err
    assert "[upload.empty]" in outcome.err
    assert "missing.xml: " in outcome.err
    assert Transfer.objects.count() == 1


def test_a_name_that_was_delivered_goes_again_only_with_a_reason(
    magda: PracticeMAGDA, connected_account: Account, files: list[Path]
) -> None:
    run_command("deliver", DEMO_ACCOUNT, files[0])
    magda.process_now()

    refused = run_command("deliver", DEMO_ACCOUNT, files[0])
    sent = run_command("deliver", DEMO_ACCOUNT, files[0], "--resend", "MAGDA lost it")

    assert refused.code == 1
    assert "[name.held]" in refused.err
    assert sent.code == 0
    assert Transfer.objects.latest("id").resend_reason == "MAGDA lost it"


def test_what_can_pass_stays_queued_and_tells_what_to_do(
    magda: PracticeMAGDA, connected_account: Account, files: list[Path]
) -> None:
    magda.stop()

    outcome = run_command("deliver", DEMO_ACCOUNT, *files)

    assert outcome.code == 1
    assert {row[0] for row in outcome.rows} == {"QUEUED"}
    assert outcome.err.count("[connect.refused]") == len(files)


def test_a_paused_account_is_tried_all_the_same(
    connected_account: Account, files: list[Path]
) -> None:
    connected_account.paused_until = timezone.now() + timedelta(hours=1)
    connected_account.save(update_fields=["paused_until"])

    outcome = run_command("deliver", DEMO_ACCOUNT, files[0])

    assert outcome.code == 0


def test_queue_only_submits(
    magda: PracticeMAGDA, connected_account: Account, files: list[Path]
) -> None:
    outcome = run_command("deliver", DEMO_ACCOUNT, *files, "--queue")

    assert outcome.code == 0
    assert {transfer.state for transfer in Transfer.objects.all()} == {State.QUEUED}
    assert not list((magda.home(DEMO_ACCOUNT) / "to_vip").iterdir())


@pytest.mark.django_db
def test_an_unknown_account_fails_with_advice(files: list[Path]) -> None:
    outcome = run_command("deliver", "nobody", files[0])

    assert outcome.code == 1
    assert "[account.unknown]" in outcome.err


@pytest.mark.django_db
def test_a_command_without_files_is_wrong_usage() -> None:
    assert run_command("deliver", DEMO_ACCOUNT).code == 2


def test_a_refused_name_is_told_with_the_transfer_that_has_it(
    magda: PracticeMAGDA, connected_account: Account, files: list[Path]
) -> None:
    run_command("deliver", DEMO_ACCOUNT, files[0])
    run_command("deliver", DEMO_ACCOUNT, files[1], "--queue")
    delivered, queued = Transfer.objects.order_by("id")

    outcome = run_command("deliver", DEMO_ACCOUNT, files[0], files[1])

    held, in_progress = outcome.err.splitlines()
    assert f"It is transfer {delivered.pk}; use --resend REASON to send it again." in held
    assert held.endswith("[name.held]")
    assert in_progress.endswith(f"[name.in_progress] It is transfer {queued.pk}.")
