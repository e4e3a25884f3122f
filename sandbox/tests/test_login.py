from __future__ import annotations

import contextlib
import ftplib
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pycurl  # noqa: TID251 - the sandbox's tests must not use the portal's client
import pytest

from sandbox.authority import Authority
from sandbox.server import DEMO_ACCOUNT, PracticeMAGDA
from sandbox.tests.client import TLS_1_2, TLS_1_3, Client
from sandbox.tests.conftest import UNHURRIED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sandbox.authority import Issued
    from sandbox.tests.conftest import Connect


@pytest.fixture
def plain(magda: PracticeMAGDA) -> Iterator[ftplib.FTP]:
    with ftplib.FTP() as connection:
        connection.connect("127.0.0.1", magda.port, timeout=10)
        yield connection


@pytest.fixture
def no_reuse(
    magda: PracticeMAGDA, authority: Authority, identity: Issued, tmp_path: Path
) -> Iterator[ftplib.FTP_TLS]:
    """ftplib, which makes a new TLS session for every data connection."""
    pem = tmp_path / "identity.pem"
    pem.write_bytes(identity.certificate_pem + identity.chain_pem + identity.private_key_pem)
    context = ssl.create_default_context(cadata=authority.root_pem.decode())
    context.load_cert_chain(pem)
    with ftplib.FTP_TLS(context=context) as connection:
        connection.connect("127.0.0.1", magda.port, timeout=10)
        connection.auth()
        yield connection


def test_the_certificate_is_the_login(magda: PracticeMAGDA, client: Client) -> None:
    client.listing()

    logins = [line.code for line in magda.log if line.command in {"USER", "PASS"}]
    assert logins == [232]


@pytest.mark.parametrize("common_name", ["practice.vlaanderen.be/other-ftp", DEMO_ACCOUNT.upper()])
def test_a_certificate_of_another_is_refused(
    magda: PracticeMAGDA, authority: Authority, common_name: str
) -> None:
    other = authority.issue_client(common_name)
    with (
        Client(
            magda.port, root_pem=authority.root_pem, identity=other, user=DEMO_ACCOUNT
        ) as client,
        pytest.raises(pycurl.error),
    ):
        client.listing()

    assert magda.log[-1].code == 530


def test_an_account_that_magda_does_not_know_is_refused(
    magda: PracticeMAGDA, authority: Authority
) -> None:
    stranger = authority.issue_client("stranger")
    with (
        Client(
            magda.port, root_pem=authority.root_pem, identity=stranger, user="stranger"
        ) as client,
        pytest.raises(pycurl.error),
    ):
        client.listing()

    assert magda.log[-1].code == 530


def _none(_: Authority) -> Issued | None:
    return None


def _of_another_authority(_: Authority) -> Issued | None:
    return Authority.create().issue_client(DEMO_ACCOUNT)


def _expired(authority: Authority) -> Issued | None:
    yesterday = datetime.now(UTC) - timedelta(days=1)  # noqa: TID251 - plain Python
    return authority.issue_client(DEMO_ACCOUNT, not_after=yesterday)


@pytest.mark.parametrize("tls", [TLS_1_2, TLS_1_3], ids=["TLS 1.2", "TLS 1.3"])
@pytest.mark.parametrize("make", [_none, _of_another_authority, _expired])
def test_a_client_without_a_certificate_in_force_does_not_get_to_user(
    magda: PracticeMAGDA,
    authority: Authority,
    make: Callable[[Authority], Issued | None],
    tls: int,
) -> None:
    with (
        Client(
            magda.port,
            root_pem=authority.root_pem,
            identity=make(authority),
            user=DEMO_ACCOUNT,
            tls=tls,
        ) as client,
        pytest.raises(pycurl.error),
    ):
        client.listing()

    assert [line.command for line in magda.log] == ["", "AUTH"]


def test_a_client_that_verifies_refuses_a_server_of_another_authority(
    magda: PracticeMAGDA, identity: Issued
) -> None:
    with (
        Client(
            magda.port,
            root_pem=Authority.create().root_pem,
            identity=identity,
            user=DEMO_ACCOUNT,
        ) as client,
        pytest.raises(pycurl.error) as caught,
    ):
        client.listing()

    assert caught.value.args[0] == pycurl.E_PEER_FAILED_VERIFICATION


def test_nobody_logs_in_without_tls(plain: ftplib.FTP) -> None:
    with pytest.raises(ftplib.error_perm, match=r"^550 SSL/TLS required"):
        plain.sendcmd(f"USER {DEMO_ACCOUNT}")


def test_nothing_but_protected_data_connections_is_offered(no_reuse: ftplib.FTP_TLS) -> None:
    no_reuse.sendcmd(f"USER {DEMO_ACCOUNT}")

    with pytest.raises(ftplib.error_perm, match=r"^550 SSL/TLS required"):
        no_reuse.sendcmd("EPSV")
    no_reuse.sendcmd("PBSZ 0")
    with pytest.raises(ftplib.error_perm, match=r"^534"):
        no_reuse.sendcmd("PROT C")


def test_a_data_connection_must_resume_the_session(no_reuse: ftplib.FTP_TLS) -> None:
    no_reuse.sendcmd(f"USER {DEMO_ACCOUNT}")
    no_reuse.prot_p()

    with no_reuse.transfercmd("NLST public") as connection, contextlib.suppress(OSError):
        connection.recv(1)

    with pytest.raises(ftplib.error_perm, match=r"^522"):
        no_reuse.voidresp()


def test_an_address_that_is_not_on_the_list_is_turned_away(
    tmp_path: Path, authority: Authority, connect: Connect
) -> None:
    settings = replace(UNHURRIED, allowed_addresses=frozenset({"192.0.2.1"}))
    with PracticeMAGDA(tmp_path, authority, settings) as magda:
        client = connect(magda)
        with pytest.raises(pycurl.error):
            client.listing()

        assert [(line.command, line.code) for line in magda.log] == [("", 421)]
