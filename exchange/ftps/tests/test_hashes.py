"""The hash of a file's content, as ProFTPD's mod_digest and made-up servers tell it."""

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange.ftps import Endpoint, FTPSClient, NotFoundError
from exchange.ftps.hashes import offers_hash, offers_xsha256, read_hash, read_xsha256
from exchange.ftps.replies import Reply
from exchange.ftps.tests.connections import ACCOUNT, Connections
from exchange.tests.servers.faulty_magda import Fault, FaultyMAGDA
from exchange.tests.servers.proftpd import ProFTPD
from sandbox.authority import Authority
from sandbox.settings import DEMO_ACCOUNT, SandboxSettings

HASH = hashlib.sha256(b"abc").hexdigest()

_DIGESTS = """\
LoadModule mod_digest.c
<IfModule mod_digest.c>
  DigestEngine on
  DigestAlgorithms {algorithms}
</IfModule>
"""
_ONLY_XSHA256 = "211-Features:\r\n XSHA256\r\n211 End"


@pytest.fixture(scope="module", params=["sha1 sha256", "sha1"])
def digesting(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, authority: Authority
) -> Iterator[tuple[str, ProFTPD]]:
    directory = tmp_path_factory.mktemp("digest")
    extra = _DIGESTS.format(algorithms=request.param)
    with ProFTPD(directory, authority, accounts=[ACCOUNT], extra=extra) as server:
        yield request.param, server


@pytest.fixture
def client(digesting: tuple[str, ProFTPD], authority: Authority) -> Iterator[FTPSClient]:
    with Connections(authority, Endpoint("localhost", digesting[1].port)).client() as opened:
        yield opened


@pytest.mark.proftpd
@pytest.mark.parametrize("name", ["plain", "with space", "é", 'q"x', " lead"])
@pytest.mark.parametrize("content", [b"", b"abc"])
def test_the_server_tells_the_hash_if_it_has_the_algorithm(
    client: FTPSClient, digesting: tuple[str, ProFTPD], name: str, content: bytes
) -> None:
    client.store(f"to_vip/{name}", io.BytesIO(content), size=len(content))

    found = client.sha256(f"to_vip/{name}")

    expected = hashlib.sha256(content).hexdigest() if "sha256" in digesting[0] else None
    assert found == expected


@pytest.mark.proftpd
def test_a_missing_file_has_no_hash(client: FTPSClient, digesting: tuple[str, ProFTPD]) -> None:
    if digesting[0] == "sha1":
        assert client.sha256("to_vip/nothing") is None
        return
    with pytest.raises(NotFoundError):
        client.sha256("to_vip/nothing")


@pytest.mark.proftpd
def test_a_folder_has_no_hash(client: FTPSClient) -> None:
    assert client.sha256("to_vip") is None


@pytest.mark.proftpd
def test_a_server_without_hashes_tells_none(connections: Connections) -> None:
    with connections.client() as client:
        assert client.sha256("to_vip") is None


@pytest.fixture
def magda(tmp_path: Path, authority: Authority) -> Iterator[FaultyMAGDA]:
    """A server that offers XSHA256, and answers it as a test says."""
    settings = SandboxSettings(with_publications=False)
    with FaultyMAGDA(tmp_path / "magda", authority, settings) as server:
        server.faults.append(Fault("FEAT", reply=_ONLY_XSHA256))
        yield server


@pytest.fixture
def at_magda(magda: FaultyMAGDA, authority: Authority) -> Iterator[FTPSClient]:
    connections = Connections(authority, Endpoint("127.0.0.1", magda.port))
    with connections.client(credentials=connections.credentials(name=DEMO_ACCOUNT)) as opened:
        yield opened


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        (f"250-Computing\r\n250 {HASH.upper()}", HASH),
        (f"250 {HASH} and more", None),
        ("550 Operation not permitted", None),
        ("504 No", None),
    ],
)
def test_xsha256_takes_the_place_of_hash(
    magda: FaultyMAGDA, at_magda: FTPSClient, reply: str, found: str | None
) -> None:
    magda.faults.append(Fault("XSHA256", about="to_vip/a", reply=reply))

    assert at_magda.sha256("to_vip/a") == found


def test_xsha256_tells_a_missing_file(magda: FaultyMAGDA, at_magda: FTPSClient) -> None:
    magda.faults.append(Fault("XSHA256", reply="550 No such file"))

    with pytest.raises(NotFoundError):
        at_magda.sha256("to_vip/a")


def test_xsha256_is_not_sent_with_a_name_that_could_be_misread(at_magda: FTPSClient) -> None:
    assert at_magda.sha256("to_vip/a 0 5") is None
    assert "XSHA256 to" not in "\n".join(at_magda.transcript.lines)


@pytest.mark.parametrize(
    ("parameters", "offered"),
    [
        ("SHA-256*", True),
        ("CRC32;MD5;SHA-1*;SHA-256;SHA-512", True),
        ("sha-256;", True),
        ("SHA-1*;SHA-512", False),
        ("SHA-256-TRUNCATED", False),
        ("", False),
    ],
)
def test_hash_is_offered_with_its_algorithms(parameters: str, offered: bool) -> None:
    assert offers_hash({"HASH": parameters}) is offered
    assert not offers_hash({"SIZE": "SHA-256"})


@pytest.mark.parametrize(
    ("path", "offered"),
    [(b"to_vip/a", True), (b"to_vip/a 0 5", False), (b'"a"', False)],
)
def test_xsha256_is_asked_only_where_a_name_cannot_be_misread(path: bytes, offered: bool) -> None:
    assert offers_xsha256({"XSHA256": ""}, path) is offered
    assert not offers_xsha256({"HASH": "SHA-1"}, path)


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        (Reply(213, ("Computing", f"SHA-256 0-3 {HASH.upper()} a b")), HASH),
        (Reply(213, (f"SHA-256 0-3 {HASH} a",)), HASH),
        (Reply(250, (f"SHA-256 0-3 {HASH} a",)), None),
        (Reply(213, (f"SHA-512 0-3 {HASH} a",)), None),
        (Reply(213, (f"SHA-256 1-3 {HASH} a",)), None),
        (Reply(213, (f"SHA-256 0-3 {HASH}0 a",)), None),
        (Reply(213, (f"SHA-256 0-3 {HASH[1:]} a",)), None),
        (Reply(213, (HASH,)), None),
        (Reply(550, ("No",)), None),
    ],
)
def test_an_answer_to_hash_is_read_strictly(reply: Reply, found: str | None) -> None:
    assert read_hash(reply) == found


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        (Reply(250, ("Computing SHA256 digest", HASH.upper())), HASH),
        (Reply(213, (HASH,)), HASH),
        (Reply(250, (f"{HASH} a",)), None),
        (Reply(250, (HASH[1:],)), None),
        (Reply(226, (HASH,)), None),
        (Reply(501, (HASH,)), None),
    ],
)
def test_an_answer_to_xsha256_is_read_strictly(reply: Reply, found: str | None) -> None:
    assert read_xsha256(reply) == found
