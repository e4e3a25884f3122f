import stat
from pathlib import Path

import pytest
from pytest_django import Settings

from exchange.models import Account
from exchange.services.accounts import find_account
from exchange.tests.management.commands import run_command
from magda_portal.audit.models import AuditEvent
from magda_portal.people.models import Person
from sandbox.server import DEMO_ACCOUNT, PracticeMAGDA, open_authority

pytestmark = pytest.mark.django_db


@pytest.fixture
def data_dir(settings: Settings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


def passwords(data_dir: Path) -> dict[str, str]:
    lines = (data_dir / "demo-people.txt").read_text(encoding="utf-8").splitlines()[1:]
    return dict(line.split() for line in lines)


def test_the_account_reaches_the_practice_magda(data_dir: Path, tmp_path: Path) -> None:
    request = tmp_path / "request.xml"
    request.write_bytes(b"<a/>")
    folder = data_dir / "sandbox"
    with PracticeMAGDA(folder, open_authority(folder)) as magda:
        seeded = run_command("seed_demo", "--sandbox-port", magda.port)
        delivered = run_command("deliver", DEMO_ACCOUNT, request)
        collected = run_command("collect", DEMO_ACCOUNT)

    assert (seeded.code, delivered.code, collected.code) == (0, 0, 0)
    # The publication that the subscription matches, in the folder that is only read.
    assert any("ondernemingVKBO" in row[1] for row in collected.rows if row[0] == "collected")


def test_there_is_a_person_for_each_role_who_can_log_in(data_dir: Path) -> None:
    run_command("seed_demo")

    known = passwords(data_dir)
    roles = {
        person.email: sorted(person.memberships.values_list("role", flat=True))
        for person in Person.objects.all()
    }
    assert roles == {
        "clerk@demo.example": ["CLERK"],
        "admin@demo.example": ["ADMINISTRATOR"],
        "helpdesk@demo.example": [],
    }
    assert Person.objects.get(is_helpdesk=True).email == "helpdesk@demo.example"
    assert all(person.check_password(known[person.email]) for person in Person.objects.all())


def test_only_the_owner_reads_the_passwords(data_dir: Path) -> None:
    outcome = run_command("seed_demo")

    mode = (data_dir / "demo-people.txt").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert not any(password in outcome.out for password in passwords(data_dir).values())


def test_a_second_run_changes_nothing(data_dir: Path) -> None:
    run_command("seed_demo", "--sandbox-port", 2121)
    before = passwords(data_dir), AuditEvent.objects.count()

    outcome = run_command("seed_demo", "--sandbox-port", 2121)

    assert (outcome.code, outcome.rows) == (0, [["exists", DEMO_ACCOUNT]])
    assert (passwords(data_dir), AuditEvent.objects.count()) == before


def test_a_second_run_follows_the_port(data_dir: Path) -> None:
    run_command("seed_demo", "--sandbox-port", 2121)

    run_command("seed_demo", "--sandbox-port", 2999)

    assert find_account(DEMO_ACCOUNT).port == 2999


def test_a_run_that_was_cut_short_before_its_commit_is_made_good(data_dir: Path) -> None:
    (data_dir / "demo-people.txt").write_text("of a run that failed", encoding="utf-8")

    outcome = run_command("seed_demo")

    assert outcome.code == 0
    assert "clerk@demo.example" in passwords(data_dir)


def test_a_database_that_was_given_is_left_alone(data_dir: Path, settings: Settings) -> None:
    settings.DATABASE_URL_GIVEN = True

    outcome = run_command("seed_demo")

    assert outcome.code == 1
    assert "DATABASE_URL" in outcome.err
    assert not Account.objects.exists()
    assert not (data_dir / "demo-people.txt").exists()
