"""The command, and the options it shares with open_account."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from certificates.models import Certificate, ClientIdentity, Environment, KeyPair
from certificates.pki import dump_pkcs12
from certificates.services.imports import import_certificate
from certificates.services.key_pairs import keep_key_pair
from certificates.services.relay import plan_switch
from certificates.tests.builders import COMMON_NAME, make_authority, make_client
from exchange.management.commands.import_certificate import Command
from exchange.services.accounts import open_account
from magda_portal.audit.models import AuditEvent
from magda_portal.audit.services import Actor

FIXTURES = Path(__file__).parents[3] / "certificates" / "pki" / "tests" / "fixtures"
NOW = datetime(2027, 1, 15, 12, tzinfo=UTC)
ACTOR = Actor(name="a test")
ROOT = make_authority()
CLIENT = make_client(issuer=ROOT)
PASSWORD = "practice"


@dataclass(frozen=True, slots=True)
class Outcome:
    status: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], db: None) -> Run:
    """Run the command as a shell does."""

    def run_command(*arguments: str | Path) -> Outcome:
        status: object = 0
        try:
            Command().run_from_argv(["manage.py", "import_certificate", *map(str, arguments)])
        except SystemExit as exc:
            status = exc.code
        written = capsys.readouterr()
        assert isinstance(status, int)
        return Outcome(status, written.out, written.err)

    return run_command


@pytest.fixture
def identity(db: None) -> Iterator[ClientIdentity]:
    with time_machine.travel(NOW, tick=False):
        account, _ = open_account(
            COMMON_NAME, organisation="Gemeente", environment=Environment.TNI, actor=ACTOR
        )
        yield account.identity


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Make a folder with the same certificate in several forms."""
    bundle = CLIENT.bundle(ROOT)
    contents = {
        "p12": dump_pkcs12(bundle, password=PASSWORD, friendly_name="x"),
        "pem": CLIENT.pem,
        "der": CLIENT.der,
        "key": bundle.private_key_pem,
        "both": bundle.private_key_pem + CLIENT.pem,
        "passphrase": f"{PASSWORD}\n".encode(),
        "wrong": b"not this\n",
        "empty": b"",
        "latin": b"\xe9",
        "other": make_client("kb/other").bundle().private_key_pem + make_client("kb/other").pem,
        "foreign-name": (made := make_client("kb/foreign")).pem + made.bundle().private_key_pem,
        "expired": (old := make_client(not_after=datetime(2026, 7, 1, tzinfo=UTC))).pem
        + old.bundle().private_key_pem,
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


@pytest.mark.parametrize(
    "options",
    [
        ["--pkcs12", "p12", "--passphrase-file", "passphrase"],
        ["--certificate", "pem", "--key", "key"],
        ["--certificate", "der", "--key", "key"],
        ["--certificate", "both"],
    ],
)
def test_it_puts_the_certificate_in_use_and_prints_one_line(
    run: Run, identity: ClientIdentity, files: Path, options: list[str]
) -> None:
    arguments = [one if one.startswith("--") else files / one for one in options]

    outcome = run(COMMON_NAME, *arguments)

    assert outcome.status == 0
    (line,) = outcome.out.splitlines()
    assert line.startswith("current\t")
    identity.refresh_from_db()
    assert identity.current is not None
    assert identity.current.fingerprint in line


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--pkcs12", "p12", "--passphrase-file", "wrong"], "pkcs12.wrong_password"),
        (["--pkcs12", "p12"], "pkcs12.wrong_password"),
        (["--pkcs12", "empty"], "pkcs12.not_pkcs12"),
        (["--certificate", "pem"], "certificate.key_missing"),
        (["--certificate", "empty"], "certificate.file_empty"),
        (["--certificate", "other"], "key.mismatch"),
        (["--certificate", "foreign-name"], "certificate.common_name"),
        (["--certificate", "expired"], "certificate.expired"),
        (["--certificate", "key", "--key", "key"], "certificate.only_a_key"),
    ],
)
def test_a_bad_file_ends_with_1_and_its_advice_and_leaves_nothing(
    run: Run, identity: ClientIdentity, files: Path, options: list[str], code: str
) -> None:
    events = AuditEvent.objects.count()

    outcome = run(COMMON_NAME, *(one if one.startswith("--") else files / one for one in options))

    assert (outcome.status, outcome.out) == (1, "")
    assert f"[{code}]" in outcome.err
    assert not Certificate.objects.exists()
    assert not KeyPair.objects.exists()
    assert AuditEvent.objects.count() == events


def test_old_encryption_of_pkcs12_is_read(run: Run, identity: ClientIdentity, files: Path) -> None:
    outcome = run(
        COMMON_NAME,
        "--pkcs12",
        FIXTURES / "rc2_40_and_3des.p12",
        "--passphrase-file",
        files / "passphrase",
    )

    assert outcome.status == 0


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--key", "key"],
        ["--passphrase-file", "passphrase"],
        ["--pkcs12", "p12", "--certificate", "pem"],
        ["--pkcs12", "p12", "--key", "key"],
        ["--no-such-option"],
    ],
)
def test_wrong_usage_ends_with_2(
    run: Run, identity: ClientIdentity, files: Path, options: list[str]
) -> None:
    outcome = run(COMMON_NAME, *(one if one.startswith("--") else files / one for one in options))

    assert outcome.status == 2
    assert outcome.err


@pytest.mark.parametrize("missing", ["--pkcs12", "--certificate"])
def test_a_file_that_is_not_there_ends_with_1(
    run: Run, identity: ClientIdentity, files: Path, missing: str
) -> None:
    outcome = run(COMMON_NAME, missing, files / "nowhere")

    assert outcome.status == 1
    assert "nowhere" in outcome.err


def test_a_passphrase_file_that_is_no_text_ends_with_1(
    run: Run, identity: ClientIdentity, files: Path
) -> None:
    outcome = run(COMMON_NAME, "--pkcs12", files / "p12", "--passphrase-file", files / "latin")

    assert outcome.status == 1
    assert "UTF-8" in outcome.err


def test_an_unknown_account_ends_with_1(run: Run, files: Path) -> None:
    outcome = run("kb/nobody", "--certificate", files / "both")

    assert outcome.status == 1
    assert "[account.unknown]" in outcome.err


def test_the_environment_decides_between_accounts_of_one_name(
    run: Run, identity: ClientIdentity, files: Path
) -> None:
    open_account(COMMON_NAME, organisation="Gemeente", environment=Environment.PRD, actor=ACTOR)

    ambiguous = run(COMMON_NAME, "--certificate", files / "both")
    decided = run(COMMON_NAME, "--environment", "PRD", "--certificate", files / "both")

    assert (ambiguous.status, decided.status) == (1, 0)
    assert Certificate.objects.get().identity.environment == Environment.PRD


def test_beside_one_in_use_it_is_the_next_and_says_what_to_do(
    run: Run, identity: ClientIdentity, files: Path
) -> None:
    current = import_certificate(identity, make_client().bundle(), actor=ACTOR, at=NOW)

    first, again = (run(COMMON_NAME, "--certificate", files / "both") for _ in range(2))

    for outcome in (first, again):
        assert outcome.status == 0
        assert outcome.out.startswith("next\t")
        assert "test_login" in outcome.err
    identity.refresh_from_db()
    assert identity.current == current


def test_a_planned_switch_that_it_calls_off_is_told(
    run: Run, identity: ClientIdentity, files: Path
) -> None:
    for _ in range(2):
        import_certificate(identity, make_client().bundle(), actor=ACTOR, at=NOW)
    plan_switch(identity, NOW + timedelta(days=1), actor=ACTOR, now=NOW)

    first, again = (run(COMMON_NAME, "--certificate", files / "both") for _ in range(2))

    assert "planned for 2027-01-16T12:00:00+00:00 is called off" in first.err
    assert "called off" not in again.err


def test_importing_the_one_in_use_again_says_so(
    run: Run, identity: ClientIdentity, files: Path
) -> None:
    outcomes = [run(COMMON_NAME, "--certificate", files / "both") for _ in range(2)]

    assert all(outcome.out.startswith("current\t") for outcome in outcomes)


def test_a_certificate_alone_joins_the_key_that_was_made_here(
    run: Run, identity: ClientIdentity, files: Path
) -> None:
    keep_key_pair(identity, CLIENT.key, actor=ACTOR)

    outcome = run(COMMON_NAME, "--certificate", files / "pem")

    assert outcome.status == 0
    assert outcome.out.startswith("current\t")
