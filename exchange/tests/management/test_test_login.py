import pytest

from exchange.models import Account
from exchange.tests.management.commands import run_command
from exchange.tests.services.switching import identity_of, prepare
from sandbox.authority import Authority
from sandbox.server import DEMO_ACCOUNT, PracticeMAGDA


def test_the_certificate_in_use_logs_in(connected_account: Account, magda: PracticeMAGDA) -> None:
    current = identity_of(connected_account).current
    assert current is not None

    outcome = run_command("test_login", DEMO_ACCOUNT)

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.rows == [["works", DEMO_ACCOUNT, "SANDBOX", current.serial, "TLSv1.3"]]
    assert {line.command for line in magda.log} & {"STOR", "RETR", "MLSD", "LIST", "CWD"} == set()


def test_the_next_certificate_is_tried_instead(
    connected_account: Account, authority: Authority
) -> None:
    following = prepare(connected_account, authority)

    outcome = run_command("test_login", DEMO_ACCOUNT, "--next")

    assert (outcome.code, outcome.rows[0][3]) == (0, following.serial)
    assert identity_of(connected_account).next == following


def test_a_rejected_certificate_fails_with_advice(connected_account: Account) -> None:
    prepare(connected_account, Authority.create(name="Stranger"))

    outcome = run_command("test_login", DEMO_ACCOUNT, "--next")

    assert (outcome.code, outcome.rows[0][0]) == (1, "failed")
    assert "[tls.client_rejected]" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([DEMO_ACCOUNT, "--next"], "account.no_next_certificate"),
        (["nobody"], "account.unknown"),
    ],
)
def test_what_is_not_there_is_named(
    connected_account: Account, arguments: list[str], code: str
) -> None:
    outcome = run_command("test_login", *arguments)

    assert outcome.code == 1
    assert f"[{code}]" in outcome.err


def test_an_account_without_a_certificate_is_told_so(connected_account: Account) -> None:
    identity = identity_of(connected_account)
    identity.current = None
    identity.save()

    assert "[account.no_certificate]" in run_command("test_login", DEMO_ACCOUNT).err
