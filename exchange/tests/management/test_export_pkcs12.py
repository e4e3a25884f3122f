import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine

from certificates.models import Certificate, ClientIdentity, Environment
from certificates.pki import inspect_pkcs12, load_pkcs12
from certificates.tests.builders import COMMON_NAME, make_client
from certificates.tests.rows import ACTOR, NOW, give_certificate
from exchange.services.accounts import open_account
from exchange.tests.management.commands import run_command
from magda_portal.audit.queries import events_for


@pytest.fixture
def identity(db: None) -> Iterator[ClientIdentity]:
    with time_machine.travel(NOW, tick=False):
        account, _ = open_account(
            COMMON_NAME, organisation="Gemeente", environment=Environment.TNI, actor=ACTOR
        )
        yield account.identity


@pytest.fixture
def certificate(identity: ClientIdentity) -> Certificate:
    return give_certificate(identity)


def test_openssl_opens_the_file_with_the_passphrase_that_is_printed(
    certificate: Certificate, tmp_path: Path
) -> None:
    target = tmp_path / "magda.p12"

    outcome = run_command("export_pkcs12", COMMON_NAME, "--output", target)

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.rows[0] == ["exported", str(target), certificate.fingerprint]
    name, passphrase = outcome.rows[1]
    assert name == "passphrase"
    command = ["openssl", "pkcs12", "-in", str(target), "-nodes", "-passin", f"pass:{passphrase}"]
    opened = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "PRIVATE KEY" in opened.stdout
    assert inspect_pkcs12(target.read_bytes()).algorithms == ("AES-256",)
    assert target.stat().st_mode & 0o777 == 0o600


def test_a_passphrase_of_ones_own_is_not_printed(certificate: Certificate, tmp_path: Path) -> None:
    own = "twaalf groene fietsen rijden langs brugge"
    (tmp_path / "passphrase").write_text(f"{own}\n")
    options = ["--output", tmp_path / "f", "--passphrase-file", tmp_path / "passphrase"]

    outcome = run_command("export_pkcs12", COMMON_NAME, *options)

    assert outcome.code == 0
    assert own not in outcome.out
    assert load_pkcs12((tmp_path / "f").read_bytes(), password=own).certificate_pem


def test_a_passphrase_that_is_easy_to_guess_is_refused(
    certificate: Certificate, tmp_path: Path
) -> None:
    (tmp_path / "passphrase").write_text("wachtwoord123456\n")
    options = ["--output", tmp_path / "f", "--passphrase-file", tmp_path / "passphrase"]

    outcome = run_command("export_pkcs12", COMMON_NAME, *options)

    assert outcome.code == 1
    assert "[passphrase.too_weak]" in outcome.err
    assert not (tmp_path / "f").exists()
    assert "key_pair.exported" not in [e.action for e in events_for(certificate.identity)]


def test_the_history_tells_that_the_key_left_and_not_the_passphrase(
    certificate: Certificate, tmp_path: Path
) -> None:
    outcome = run_command("export_pkcs12", COMMON_NAME, "--output", tmp_path / "f")

    event = events_for(certificate.identity).last()
    assert event is not None
    assert event.action == "key_pair.exported"
    assert event.actor_name.startswith("command line")
    assert outcome.rows[1][1] not in str(event.details)


def test_the_next_certificate_can_be_asked_for(certificate: Certificate, tmp_path: Path) -> None:
    following = give_certificate(certificate.identity, make_client().bundle())

    outcome = run_command("export_pkcs12", COMMON_NAME, "--next", "--output", tmp_path / "f")

    assert outcome.rows[0][2] == following.fingerprint


def test_without_a_certificate_there_is_nothing_to_export(
    identity: ClientIdentity, tmp_path: Path
) -> None:
    outcome = run_command("export_pkcs12", COMMON_NAME, "--output", tmp_path / "f")

    assert outcome.code == 2
    assert "no certificate" in outcome.err


def test_no_file_is_overwritten(certificate: Certificate, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("the only copy")

    outcome = run_command("export_pkcs12", COMMON_NAME, "--output", tmp_path / "f")

    assert outcome.code == 1
    assert (tmp_path / "f").read_text() == "the only copy"
