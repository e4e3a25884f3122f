"""Replies and listings that no honest server gives, and what the client makes of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange.ftps import (
    DataError,
    DeniedError,
    Endpoint,
    FTPSClient,
    ListingError,
    SizeMismatchError,
)
from exchange.ftps.client import MAXIMUM_LISTING
from exchange.ftps.tests.connections import Connections
from exchange.tests.servers.faults import DataFault, Fault
from exchange.tests.servers.faulty_magda import FaultyMAGDA
from sandbox.authority import Authority
from sandbox.settings import DEMO_ACCOUNT, SandboxSettings

CONTENT = b"<answer/>"


@pytest.fixture
def magda(tmp_path: Path, authority: Authority) -> Iterator[FaultyMAGDA]:
    settings = SandboxSettings(with_publications=False)
    with FaultyMAGDA(tmp_path / "magda", authority, settings) as server:
        server.place(DEMO_ACCOUNT, "from_vip", "answer.xml", CONTENT)
        yield server


@pytest.fixture
def client(magda: FaultyMAGDA, authority: Authority) -> Iterator[FTPSClient]:
    connections = Connections(authority, Endpoint("127.0.0.1", magda.port))
    with connections.client(credentials=connections.credentials(name=DEMO_ACCOUNT)) as opened:
        yield opened


def fetch(client: FTPSClient) -> None:
    client.retrieve("from_vip/answer.xml", lambda _data: None)


def test_a_file_that_is_refused_is_asked_for_once(magda: FaultyMAGDA, client: FTPSClient) -> None:
    magda.faults.append(Fault("RETR", reply="550 Permission denied."))

    with pytest.raises(DeniedError):
        fetch(client)

    assert sum("> RETR" in line for line in client.transcript.lines) == 1


def test_a_file_that_was_announced_as_empty_is_not_what_was_announced(
    magda: FaultyMAGDA, client: FTPSClient
) -> None:
    """libcurl takes that for no announcement at all."""
    magda.faults.append(Fault("SIZE", reply="213 0"))

    with pytest.raises(SizeMismatchError):
        fetch(client)


def test_only_226_or_250_confirm_a_transfer(magda: FaultyMAGDA, client: FTPSClient) -> None:
    magda.data_faults.append(DataFault("RETR", reply="200 So be it."))

    with pytest.raises(DataError) as caught:
        fetch(client)

    assert caught.value.retryable


def test_a_listing_that_cannot_be_read_is_an_error(magda: FaultyMAGDA, client: FTPSClient) -> None:
    magda.data_faults.append(DataFault("MLSD", content=b"what is this\r\n"))

    with pytest.raises(ListingError):
        client.entries("from_vip")


def test_a_listing_without_end_is_given_up(magda: FaultyMAGDA, client: FTPSClient) -> None:
    magda.data_faults.append(DataFault("MLSD", content=b"x" * (MAXIMUM_LISTING + 1)))

    with pytest.raises(ListingError, match="does not end"):
        client.entries("from_vip")


def test_an_empty_folder_is_empty_where_the_server_does_not_say_where_we_are(
    magda: FaultyMAGDA, client: FTPSClient
) -> None:
    magda.faults.append(Fault("FEAT", reply="502 No."))
    magda.faults.append(Fault("PWD", reply="257 somewhere"))

    assert client.entries("public") == []
