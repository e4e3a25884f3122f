"""Names whose bytes are not UTF-8, on a server that nobody here wrote and that sends them as is."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange.models import Account, RemoteFile
from exchange.services.collection import collect
from exchange.tests.servers.proftpd import ProFTPD
from exchange.tests.wiring import wire_account
from sandbox.authority import Authority

pytestmark = [pytest.mark.proftpd, pytest.mark.django_db]

NAME = "practice.vlaanderen.be/awkward-ftp"


@pytest.fixture
def server(tmp_path: Path, authority: Authority) -> Iterator[ProFTPD]:
    with ProFTPD(tmp_path / "proftpd", authority, accounts=[NAME]) as running:
        yield running


@pytest.fixture
def account(server: ProFTPD, authority: Authority) -> Account:
    return wire_account(NAME, port=server.port, authority=authority)


def test_a_name_that_is_not_utf_8_is_collected_under_an_escaped_one(
    account: Account, server: ProFTPD
) -> None:
    raw = os.fsencode(server.home() / "from_vip") + b"/caf\xe9.xml"
    Path(os.fsdecode(raw)).write_bytes(b"<x/>")

    first, second = collect(account), collect(account)

    assert [transfer.final_name for transfer in first.collected] == [r"caf\xe9.xml"]
    assert (first.released, first.failed) == (1, [])
    assert (second.collected, second.failed) == ([], [])
    assert RemoteFile.objects.get().state == RemoteFile.State.RELEASED
    assert [path.name for path in (server.home() / "cache/from_vip").iterdir()] == ["caf_xe9.xml"]
