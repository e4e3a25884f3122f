from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings

from certificates.models import ClientIdentity, Environment
from certificates.pki import load_certificates
from certificates.tests.builders import COMMON_NAME
from certificates.tests.rows import ACTOR
from exchange.services.accounts import open_account
from exchange.tests.management.commands import Outcome, run_command
from sandbox.server import open_authority


@pytest.fixture
def issue(tmp_path: Path, settings: Settings) -> Callable[[], Outcome]:
    """Let the authority of an empty data folder grant what stands in ``request``."""
    settings.DATA_DIR = tmp_path / "data"
    files = ["--request", tmp_path / "request", "--output", tmp_path / "certificate"]
    return lambda: run_command("sandbox_issue", *files)


@pytest.fixture
def identity(db: None) -> ClientIdentity:
    account, _ = open_account(
        COMMON_NAME, organisation="Gemeente", environment=Environment.SANDBOX, actor=ACTOR
    )
    return account.identity


def test_a_request_of_the_portal_becomes_a_certificate_that_it_imports_without_a_key(
    identity: ClientIdentity, tmp_path: Path, issue: Callable[[], Outcome]
) -> None:
    asked = ["--output", tmp_path / "request", "--key-kind", "EC P-256"]
    run_command("create_csr", COMMON_NAME, *asked)

    issued = issue()
    imported = run_command(
        "import_certificate", COMMON_NAME, "--certificate", tmp_path / "certificate"
    )

    assert issued.rows == [["certificate", str(tmp_path / "certificate")]]
    assert (imported.code, imported.err) == (0, "")
    identity.refresh_from_db()
    assert identity.current is not None
    issuing = open_authority(tmp_path / "data" / "sandbox").chain_pem
    assert load_certificates(identity.current.chain_pem.encode()) == load_certificates(issuing)


def test_what_is_no_request_ends_with_1_and_what_to_do(
    tmp_path: Path, issue: Callable[[], Outcome]
) -> None:
    missing = issue()
    (tmp_path / "request").write_text("no request")
    wrong = issue()

    assert (missing.code, wrong.code) == (1, 1)
    assert "can't be read" in missing.err
    assert "is no request that can be granted" in wrong.err
    assert not (tmp_path / "certificate").exists()


def test_nothing_is_overwritten(tmp_path: Path, issue: Callable[[], Outcome]) -> None:
    (tmp_path / "certificate").write_text("mine")

    assert issue().code == 1
    assert (tmp_path / "certificate").read_text() == "mine"
