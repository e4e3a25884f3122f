"""The recipes as somebody follows them: with the real programs, at a real server."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from certificates.queries import trust_pem
from certificates.services.exports import export_pkcs12
from exchange.models import Account
from exchange.queries import recipes
from exchange.services.accounts import set_proxy
from exchange.tests.builders import make_account
from exchange.tests.servers.connect_proxy import ConnectProxy
from exchange.tests.wiring import ACTOR
from magda_portal.people.models import Organisation
from sandbox.authority import Authority
from sandbox.server import DEMO_ACCOUNT, PracticeMAGDA

PASSPHRASE = "k7mp-2xqr-9vbn-4wty-h3sd-zf8c"
pytestmark = pytest.mark.django_db


@pytest.fixture
def account(connected_account: Account, magda: PracticeMAGDA, tmp_path: Path) -> Account:
    """An account whose certificate and anchors lie in ``tmp_path``, and a file that waits."""
    certificate = connected_account.identity.current
    assert certificate is not None
    file = export_pkcs12(certificate, passphrase=PASSPHRASE, actor=ACTOR)
    (tmp_path / recipes.PKCS12).write_bytes(file)
    (tmp_path / recipes.TRUST).write_bytes(trust_pem(connected_account.identity))
    magda.place(DEMO_ACCOUNT, "from_vip", "answer.xml", b"<answer/>")
    return connected_account


def run(*command: str, folder: Path, script: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        input=script,
        env={**os.environ, "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def take_apart(folder: Path) -> None:
    """Run the commands of the page; the passphrase comes from a pipe instead of the keyboard."""
    commands = recipes.unpacking().replace(
        "openssl pkcs12", "openssl pkcs12 -passin pass:" + PASSPHRASE
    )
    done = run("sh", "-e", folder=folder, script=commands)
    assert done.returncode == 0, done.stderr


def with_lftp(account: Account, folder: Path) -> subprocess.CompletedProcess[str]:
    take_apart(folder)
    limits = "set net:max-retries 1\nset net:timeout 10\n"
    script = limits + recipes.lftp_file(account)
    return run("lftp", "-f", "/dev/stdin", folder=folder, script=script)


def with_curl(account: Account, folder: Path) -> subprocess.CompletedProcess[str]:
    config = recipes.curl_file(account).replace(recipes.PASSPHRASE, PASSPHRASE)
    (folder / "magda.curl").write_text(config)
    return run(
        "curl",
        "--silent",
        "--show-error",
        "--max-time",
        "20",
        "--config",
        "magda.curl",
        folder=folder,
    )


def with_openssl(account: Account, folder: Path) -> subprocess.CompletedProcess[str]:
    take_apart(folder)
    return run("sh", "-e", folder=folder, script=recipes.openssl_check(account))


Program = Callable[[Account, Path], subprocess.CompletedProcess[str]]
SIGNS: dict[Program, str] = {
    with_lftp: "answer.xml",
    with_curl: "answer.xml",
    with_openssl: "Verify return code: 0",
}
PROGRAMS = list(SIGNS)


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_program_reaches_the_account(
    account: Account, tmp_path: Path, program: Program
) -> None:
    done = program(account, tmp_path)

    assert done.returncode == 0, done.stderr
    assert SIGNS[program] in done.stdout


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_program_refuses_a_server_that_is_not_trusted(
    account: Account, tmp_path: Path, program: Program
) -> None:
    (tmp_path / recipes.TRUST).write_bytes(Authority.create().root_pem)

    done = program(account, tmp_path)

    assert done.returncode != 0
    assert "answer.xml" not in done.stdout


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_program_refuses_a_server_of_another_name(
    account: Account, tmp_path: Path, program: Program
) -> None:
    account.host = "0.0.0.0"  # reaches this machine, and stands in no certificate

    done = program(account, tmp_path)

    assert done.returncode != 0
    assert "answer.xml" not in done.stdout


@pytest.mark.parametrize("program", [with_lftp, with_curl])
def test_each_program_goes_through_the_proxy_of_the_account(
    account: Account, tmp_path: Path, program: Program
) -> None:
    with ConnectProxy() as proxy:
        set_proxy(account, url=f"http://127.0.0.1:{proxy.port}", actor=ACTOR)

        done = program(account, tmp_path)

    assert done.returncode == 0, done.stderr
    assert SIGNS[program] in done.stdout
    assert f"127.0.0.1:{account.port}" in proxy.targets


AWKWARD = 'kb/a "b" \\c\'d %'


@pytest.fixture
def awkward() -> Account:
    """An account with a name that every program quotes in a way of its own."""
    organisation = Organisation.objects.create(name="Gemeente Voorbeeld")
    return make_account(organisation, common_name=AWKWARD)


def test_a_name_full_of_quotes_reaches_curl_as_it_is(awkward: Account) -> None:
    assert 'user = "kb/a \\"b\\" \\\\c\'d %:unused"' in recipes.curl_file(awkward)


def test_a_name_full_of_quotes_reaches_lftp_as_it_is(awkward: Account, tmp_path: Path) -> None:
    (line,) = (row for row in recipes.lftp_file(awkward).splitlines() if row.startswith("open"))
    word = line.split(" -p ")[0].removeprefix("open -u ")

    done = run("lftp", "-c", f"echo {word}", folder=tmp_path)

    assert done.stdout.rstrip("\n") == f"{AWKWARD},unused"


def test_the_file_for_winscp_holds_the_site_with_the_numbers_of_winscp(awkward: Account) -> None:
    lines = recipes.winscp_file(awkward).splitlines()

    assert lines[0] == "[Sessions\\MAGDA%20TNI]"
    assert {"FSProtocol=5", "Ftps=3", "MinTlsVersion=12", "FtpPasvMode=1"} <= set(lines)
    assert "UserName=kb/a%20%22b%22%20%5Cc%27d%20%25" in lines


def test_there_is_no_file_for_winscp_with_a_name_beyond_ascii(awkward: Account) -> None:
    awkward.identity.common_name = "kb/geïnd"

    assert recipes.winscp_file(awkward) == ""


def test_a_proxy_stands_in_every_recipe_and_its_password_in_none(awkward: Account) -> None:
    set_proxy(awkward, url="http://jan:geheim@proxy.example:8080", actor=ACTOR)

    texts = [
        recipes.winscp_file(awkward),
        recipes.lftp_file(awkward),
        recipes.curl_file(awkward),
        recipes.openssl_check(awkward),
        str(recipes.winscp_fields(awkward)),
    ]

    assert all("proxy.example" in text and "jan" in text for text in texts)
    assert not any("geheim" in text for text in texts)
