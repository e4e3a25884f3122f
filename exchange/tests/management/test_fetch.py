import stat
from pathlib import Path

import pytest
from django.utils import timezone

from exchange.models import Account, Payload, Transfer
from exchange.storage import payload_store
from exchange.tests.builders import make_transfer
from exchange.tests.management.commands import run_command
from magda_portal.audit.actions import Action
from magda_portal.audit.models import AuditEvent
from sandbox.server import DEMO_ACCOUNT, PracticeMAGDA

CONTENT = b"<answer/>"


@pytest.fixture
def collected(magda: PracticeMAGDA, connected_account: Account) -> Transfer:
    magda.place(DEMO_ACCOUNT, "from_vip", "answer.xml", CONTENT)
    run_command("collect", DEMO_ACCOUNT)
    return Transfer.objects.get()


def stored_file(transfer: Transfer) -> Path:
    assert transfer.payload is not None
    (path,) = payload_store().root.glob(f"??/{transfer.payload.pk}")
    return path


def test_a_file_is_written_whole_and_for_its_owner_only(
    collected: Transfer, tmp_path: Path
) -> None:
    output = tmp_path / "out" / "answer.xml"
    output.parent.mkdir()

    outcome = run_command("fetch", collected.pk, "--output", output)

    assert (outcome.code, outcome.err) == (0, "")
    assert output.read_bytes() == CONTENT
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    assert [path.name for path in output.parent.iterdir()] == ["answer.xml"]


def test_opening_is_told_and_starts_the_retention(collected: Transfer, tmp_path: Path) -> None:
    run_command("fetch", collected.pk, "--output", tmp_path / "answer.xml")

    event = AuditEvent.objects.get(action=Action.TRANSFER_OPENED)
    assert event.actor_name.startswith("command line (")
    assert event.subject_id == str(collected.pk)
    assert Payload.objects.get().first_opened_at is not None


def test_a_second_opening_does_not_move_the_first(collected: Transfer, tmp_path: Path) -> None:
    run_command("fetch", collected.pk, "--output", tmp_path / "1.xml")
    first = Payload.objects.get().first_opened_at

    run_command("fetch", collected.pk, "--output", tmp_path / "2.xml")

    assert Payload.objects.get().first_opened_at == first
    assert AuditEvent.objects.filter(action=Action.TRANSFER_OPENED).count() == 2


def test_a_file_that_exists_is_replaced_only_by_force(collected: Transfer, tmp_path: Path) -> None:
    output = tmp_path / "answer.xml"
    output.write_bytes(b"mine")

    refused = run_command("fetch", collected.pk, "--output", output)

    assert refused.code == 1
    assert "--force" in refused.err
    assert output.read_bytes() == b"mine"
    assert not AuditEvent.objects.filter(action=Action.TRANSFER_OPENED).exists()

    assert run_command("fetch", collected.pk, "--output", output, "--force").code == 0
    assert output.read_bytes() == CONTENT


@pytest.mark.parametrize("place", ["missing/answer.xml", "."])
def test_a_place_where_nothing_can_be_written_fails(
    collected: Transfer, tmp_path: Path, place: str
) -> None:
    outcome = run_command("fetch", collected.pk, "--output", tmp_path / place)

    assert outcome.code == 1
    assert str(tmp_path) in outcome.err


def test_content_that_was_changed_on_the_disk_is_not_handed_out(
    collected: Transfer, tmp_path: Path
) -> None:
    stored_file(collected).write_bytes(b"<other/>")
    output = tmp_path / "out" / "answer.xml"
    output.parent.mkdir()

    outcome = run_command("fetch", collected.pk, "--output", output)

    assert outcome.code == 1
    assert "[payload.corrupt]" in outcome.err
    assert not list(output.parent.iterdir())


def test_content_that_is_gone_from_the_disk_fails_with_advice(
    collected: Transfer, tmp_path: Path
) -> None:
    stored_file(collected).unlink()

    outcome = run_command("fetch", collected.pk, "--output", tmp_path / "answer.xml")

    assert outcome.code == 1
    assert "[payload.missing]" in outcome.err


def test_content_past_its_retention_fails_with_advice(collected: Transfer, tmp_path: Path) -> None:
    Payload.objects.update(erased_at=timezone.now())

    outcome = run_command("fetch", collected.pk, "--output", tmp_path / "answer.xml")

    assert outcome.code == 1
    assert "[payload.erased]" in outcome.err


@pytest.mark.django_db
def test_an_unknown_transfer_fails(tmp_path: Path) -> None:
    outcome = run_command("fetch", 1, "--output", tmp_path / "answer.xml")

    assert outcome.code == 1
    assert "no transfer 1" in outcome.err


@pytest.mark.parametrize("arguments", [("1",), ("one", "--output", "x"), ("--output", "x")])
def test_without_a_number_and_an_output_it_is_wrong_usage(arguments: tuple[str, ...]) -> None:
    assert run_command("fetch", *arguments).code == 2


@pytest.mark.parametrize("kind", ["device", "link"])
def test_what_is_no_ordinary_file_is_never_replaced(
    collected: Transfer, tmp_path: Path, kind: str
) -> None:
    output = Path("/dev/null")
    if kind == "link":
        output = tmp_path / "link"
        output.symlink_to(tmp_path / "elsewhere")

    outcome = run_command("fetch", collected.pk, "--output", output, "--force")

    assert outcome.code == 1
    assert "no ordinary file" in outcome.err
    assert output.is_symlink() if kind == "link" else output.is_char_device()


def test_content_that_never_came_from_the_cache_fails_with_advice(
    connected_account: Account, tmp_path: Path
) -> None:
    waiting = make_transfer(
        connected_account, payload=None, sha256="", content_from="cache/to_vip/vraag.xml"
    )

    outcome = run_command("fetch", waiting.pk, "--output", tmp_path / "vraag.xml")

    assert outcome.code == 1
    assert "[payload.not_fetched]" in outcome.err
