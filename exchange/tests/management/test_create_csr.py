import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine

from certificates.models import CertificateRequest, ClientIdentity, Environment, KeyPair
from certificates.pki import load_request, spki_fingerprint
from certificates.tests.builders import COMMON_NAME
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


@pytest.mark.parametrize("form", ["pem", "der"])
def test_it_writes_a_request_that_openssl_reads_with_the_name_of_the_account(
    identity: ClientIdentity, tmp_path: Path, form: str
) -> None:
    target = tmp_path / "request"
    options = ["--key-kind", "EC P-256", "--country", "BE", "--organisation", "Gemeente"]

    outcome = run_command("create_csr", COMMON_NAME, "--output", target, "--form", form, *options)

    assert (outcome.code, outcome.err) == (0, "")
    command = ["openssl", "req", "-inform", form, "-in", str(target), "-noout", "-verify"]
    shown = subprocess.run(
        [*command, "-subject", "-nameopt", "RFC2253"], capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == f"subject=CN={COMMON_NAME},O=Gemeente,C=BE"
    assert identity.key_pairs.get().algorithm == "EC P-256"


def test_who_made_it_and_who_took_it_is_told(identity: ClientIdentity, tmp_path: Path) -> None:
    run_command("create_csr", COMMON_NAME, "--output", tmp_path / "r", "--key-kind", "p256")

    assert [event.action for event in events_for(identity)][-3:] == [
        "key_pair.made",
        "certificate_request.made",
        "certificate_request.taken",
    ]
    assert "PRIVATE" not in (tmp_path / "r").read_text()


def test_the_key_in_use_can_be_used_again(identity: ClientIdentity, tmp_path: Path) -> None:
    certificate = give_certificate(identity)

    outcome = run_command("create_csr", COMMON_NAME, "--output", tmp_path / "r", "--same-key")

    assert outcome.code == 0
    request = load_request((tmp_path / "r").read_bytes())
    assert spki_fingerprint(request.public_key()) == certificate.key_pair.spki_fingerprint
    assert KeyPair.objects.count() == 1


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--key-kind", "RSA 1024"], 1, "key.too_weak"),
        (["--country", "XX"], 1, "subject.country"),
        (["--same-key"], 2, "no key to use again"),
    ],
)
def test_what_can_not_be_made_leaves_nothing(
    identity: ClientIdentity, tmp_path: Path, options: list[str], code: int, words: str
) -> None:
    outcome = run_command("create_csr", COMMON_NAME, "--output", tmp_path / "r", *options)

    assert outcome.code == code
    assert words in outcome.err
    assert not (tmp_path / "r").exists()
    assert not KeyPair.objects.exists()


def test_no_file_is_overwritten(identity: ClientIdentity, tmp_path: Path) -> None:
    (tmp_path / "r").write_text("the only copy")

    outcome = run_command("create_csr", COMMON_NAME, "--output", tmp_path / "r")

    assert outcome.code == 1
    assert (tmp_path / "r").read_text() == "the only copy"
    assert not CertificateRequest.objects.exists()
