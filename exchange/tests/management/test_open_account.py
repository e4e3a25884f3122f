from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from certificates.models import Certificate, TrustAnchor
from certificates.pki import KeyBundle
from certificates.services.imports import import_certificate
from certificates.services.relay import plan_switch
from exchange.models import Account
from exchange.services.accounts import find_account
from exchange.tests.management.commands import run_command
from magda_portal.audit.models import AuditEvent
from magda_portal.audit.services import Actor
from magda_portal.people.models import Organisation
from sandbox.authority import Authority
from sandbox.server import DEMO_ACCOUNT, PracticeMAGDA

pytestmark = pytest.mark.django_db

ACTOR = Actor(name="a test")
BARE = (DEMO_ACCOUNT, "--organisation", "Gemeente Voorbeeld", "--environment", "SANDBOX")


@pytest.fixture
def credentials(authority: Authority, tmp_path: Path) -> list[object]:
    """Write certificate, key and trust anchor to files; return the options that name them."""
    issued = authority.issue_client(DEMO_ACCOUNT)
    contents = {
        "certificate": issued.certificate_pem + issued.chain_pem,
        "key": issued.private_key_pem,
        "trust": authority.root_pem,
    }
    options: list[object] = []
    for name, content in contents.items():
        path = tmp_path / f"{name}.pem"
        path.write_bytes(content)
        options += [f"--{name}", path]
    return options


def test_an_account_is_opened_with_its_organisation() -> None:
    outcome = run_command("open_account", *BARE)

    assert (outcome.code, outcome.rows) == (0, [["opened", DEMO_ACCOUNT, "SANDBOX"]])
    account = find_account(DEMO_ACCOUNT)
    assert account.organisation.name == "Gemeente Voorbeeld"
    assert (account.host, account.port) == ("127.0.0.1", 2121)


def test_one_command_makes_an_account_that_delivers(
    magda: PracticeMAGDA, credentials: list[object], tmp_path: Path
) -> None:
    request = tmp_path / "request.xml"
    request.write_bytes(b"<a/>")

    opened = run_command(
        "open_account", *BARE, "--host", "localhost", "--port", magda.port, *credentials
    )
    delivered = run_command("deliver", DEMO_ACCOUNT, request)

    assert [row[0] for row in opened.rows] == ["opened", "certificate", "trusted"]
    assert (delivered.code, delivered.err) == (0, "")


def test_a_second_run_is_fine_and_changes_nothing(credentials: list[object]) -> None:
    arguments = [*BARE, "--host", "localhost", "--port", 2122, *credentials]
    run_command("open_account", *arguments)
    events = AuditEvent.objects.count()

    again = run_command("open_account", *arguments)

    assert again.code == 0
    assert again.rows[0] == ["exists", DEMO_ACCOUNT, "SANDBOX"]
    assert AuditEvent.objects.count() == events
    assert (Account.objects.count(), Certificate.objects.count()) == (1, 1)


def test_a_planned_switch_that_its_certificate_calls_off_is_told(
    authority: Authority, credentials: list[object]
) -> None:
    run_command("open_account", *BARE, *credentials)
    identity = find_account(DEMO_ACCOUNT).identity
    first = authority.issue_client(DEMO_ACCOUNT)
    bundle = KeyBundle(first.private_key_pem, first.certificate_pem, first.chain_pem)
    now = timezone.now()
    import_certificate(identity, bundle, actor=ACTOR, at=now)
    plan_switch(identity, now + timedelta(hours=1), actor=ACTOR, now=now)
    second = authority.issue_client(DEMO_ACCOUNT)
    for option, contents in (
        ("--certificate", second.certificate_pem),
        ("--key", second.private_key_pem),
    ):
        Path(str(credentials[credentials.index(option) + 1])).write_bytes(contents)

    outcome = run_command("open_account", *BARE, *credentials)

    assert outcome.code == 0
    assert "is called off" in outcome.err


def test_a_second_run_brings_server_and_proxy_up_to_date() -> None:
    run_command("open_account", *BARE)

    run_command(
        "open_account", *BARE, "--host", "ftps.example", "--proxy", "http://proxy.example:3128"
    )

    account = find_account(DEMO_ACCOUNT)
    assert (account.host, account.port) == ("ftps.example", 2121)
    assert (account.proxy_host, account.proxy_port) == ("proxy.example", 3128)

    run_command("open_account", *BARE, "--proxy", "")

    assert find_account(DEMO_ACCOUNT).proxy_host == ""


def test_nothing_is_opened_when_the_certificate_is_for_another_name(
    authority: Authority, tmp_path: Path
) -> None:
    issued = authority.issue_client("somebody else")
    certificate = tmp_path / "certificate.pem"
    certificate.write_bytes(issued.certificate_pem + issued.private_key_pem)

    outcome = run_command("open_account", *BARE, "--certificate", certificate)

    assert outcome.code == 1
    assert "[certificate.common_name]" in outcome.err
    assert not Account.objects.exists()
    assert not Organisation.objects.exists()


def test_nothing_is_opened_when_the_trust_anchor_is_none(tmp_path: Path) -> None:
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_bytes(b"nonsense")

    outcome = run_command("open_account", *BARE, "--trust", nonsense)

    assert outcome.code == 1
    assert "[certificate.unreadable]" in outcome.err
    assert not Account.objects.exists()


def test_anchors_are_trusted_by_the_organisation_alone(credentials: list[object]) -> None:
    run_command("open_account", *BARE, *credentials)

    anchor = TrustAnchor.objects.get()
    assert anchor.organisation == Organisation.objects.get()
    assert anchor.environment == "SANDBOX"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--host", "two hosts"), "account.host"),
        (("--port", "0"), "account.port"),
        (("--proxy", "socks5://me:secret@proxy.example"), "account.proxy_url"),
    ],
)
def test_a_setting_that_can_not_work_opens_nothing(options: tuple[str, ...], code: str) -> None:
    outcome = run_command("open_account", *BARE, *options)

    assert outcome.code == 1
    assert f"[{code}]" in outcome.err
    assert "secret" not in outcome.err
    assert not Account.objects.exists()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    outcome = run_command("open_account", *BARE, "--trust", tmp_path / "missing.pem")

    assert outcome.code == 1
    assert "missing.pem" in outcome.err


@pytest.mark.parametrize(
    "arguments",
    [
        (DEMO_ACCOUNT,),
        (DEMO_ACCOUNT, "--organisation", "O"),
        (DEMO_ACCOUNT, "--organisation", "O", "--environment", "ACC"),
        (*BARE, "--port", "ftp"),
        (*BARE, "--key", "key.pem"),
    ],
)
def test_options_that_do_not_fit_are_wrong_usage(arguments: tuple[str, ...]) -> None:
    assert run_command("open_account", *arguments).code == 2
