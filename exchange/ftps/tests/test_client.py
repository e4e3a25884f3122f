"""The client against ProFTPD, which nobody here wrote, with TLS 1.2 and with TLS 1.3."""

import io
import secrets
from pathlib import Path

import pytest

from exchange.ftps import (
    DeniedError,
    EntryKind,
    FTPSClient,
    NotFoundError,
    SizeMismatchError,
    UnsafeNameError,
)
from exchange.ftps.tests.connections import Connections
from exchange.tests.servers.proftpd import ProFTPD, writable

pytestmark = pytest.mark.proftpd


class StopTransferError(Exception):
    pass


@pytest.fixture
def name() -> str:
    """A file name of this test's own, since the server lives for many tests."""
    return f"{secrets.token_hex(6)}.xml"


def put(client: FTPSClient, path: str, content: bytes) -> None:
    client.store(path, io.BytesIO(content), size=len(content))


def get(client: FTPSClient, path: str) -> bytes:
    received = io.BytesIO()
    client.retrieve(path, received.write)
    return received.getvalue()


def test_a_file_goes_up_is_renamed_and_comes_back(
    connections: Connections, server: ProFTPD, name: str
) -> None:
    content = secrets.token_bytes(300_000)

    with connections.client() as client:
        receipt = client.store(f"to_vip/{name}.tmp", io.BytesIO(content), size=len(content))
        size = client.size(f"to_vip/{name}.tmp")
        client.rename(f"to_vip/{name}.tmp", f"to_vip/{name}")
        returned = get(client, f"to_vip/{name}")
        client.delete(f"to_vip/{name}")

    assert (receipt.size, receipt.reply.code, size) == (len(content), 226, len(content))
    assert returned == content
    assert not (server.home() / "to_vip" / name).exists()


def test_the_connection_says_which_addresses_and_tls_version_it_has(
    connections: Connections, server: ProFTPD
) -> None:
    with connections.client() as client:
        client.entries("to_vip")

        assert client.connection.local_address == "127.0.0.1"
        assert client.connection.server_address == "127.0.0.1"
        assert client.connection.tls_version in server.configuration


def test_twenty_up_and_twenty_down_use_one_control_connection(
    connections: Connections, server: ProFTPD, name: str
) -> None:
    contents = {f"{number}-{name}": secrets.token_bytes(5_000) for number in range(20)}

    with connections.client() as client:
        for each, content in contents.items():
            put(client, f"to_vip/{each}.tmp", content)
            client.rename(f"to_vip/{each}.tmp", f"to_vip/{each}")
        returned = {each: get(client, f"to_vip/{each}") for each in contents}

        assert client.control_connections == 1
    assert returned == contents


def test_a_file_has_its_final_name_only_after_226(
    connections: Connections, server: ProFTPD, name: str
) -> None:
    with connections.client() as client:
        put(client, f"to_vip/{name}.tmp", b"request")
        client.rename(f"to_vip/{name}.tmp", f"to_vip/{name}")

    of_this_file = [line for line in server.commands("STOR", "RNFR", "RNTO") if name in line]
    assert of_this_file == [
        f"STOR to_vip/{name}.tmp => 226",
        f"RNFR to_vip/{name}.tmp => 350",
        f"RNTO to_vip/{name} => 250",
    ]


def test_zero_byte_files_go_both_ways(connections: Connections, name: str) -> None:
    with connections.client() as client:
        put(client, f"from_vip/{name}", b"")

        assert client.size(f"from_vip/{name}") == 0
        assert get(client, f"from_vip/{name}") == b""


@pytest.mark.parametrize("prefix", ["met spatie ", "é ", "100%25#?;", "  two", "*"])
def test_unusual_names_survive_the_journey(
    connections: Connections, server: ProFTPD, name: str, prefix: str
) -> None:
    with connections.client() as client:
        put(client, f"to_vip/{prefix}{name}", b"x")
        client.rename(f"to_vip/{prefix}{name}", f"from_vip/{prefix}{name}")

        assert f"{prefix}{name}" in {entry.name for entry in client.entries("from_vip")}
        assert get(client, f"from_vip/{prefix}{name}") == b"x"
        assert client.size(f"from_vip/{prefix}{name}") == 1
    assert (server.home() / "from_vip" / f"{prefix}{name}").exists()


def test_a_name_that_is_not_utf_8_is_found_by_the_name_it_was_listed_with(
    connections: Connections, server: ProFTPD, name: str
) -> None:
    raw = b"latin-\xe9-" + name.encode()
    (Path(server.home() / "from_vip") / raw.decode("utf-8", "surrogateescape")).write_bytes(b"x")

    with connections.client() as client:
        listed = next(e.name for e in client.entries("from_vip") if e.name.endswith(name))

        assert get(client, f"from_vip/{listed}") == b"x"


def test_a_listing_tells_kind_size_and_time(connections: Connections, server: ProFTPD) -> None:
    with connections.client() as client:
        entries = {entry.name: entry for entry in client.entries("cache")}

    assert entries["to_vip"].kind is EntryKind.FOLDER
    assert "." not in entries
    assert entries["to_vip"].modified is not None
    assert entries["to_vip"].modified.tzinfo is not None


def test_features_are_asked_for_once_per_connection(
    connections: Connections, server: ProFTPD
) -> None:
    before = len(server.commands("FEAT"))

    with connections.client() as client:
        client.entries("to_vip")
        client.entries("from_vip")

    assert len(server.commands("FEAT")) - before == 1


def test_a_missing_file_is_not_found(connections: Connections, name: str) -> None:
    with connections.client() as client:
        for act in (
            lambda: get(client, name),
            lambda: client.size(name),
            lambda: client.delete(name),
        ):
            with pytest.raises(NotFoundError) as caught:
                act()
            assert caught.value.reply is not None
            assert caught.value.reply.code == 550
        with pytest.raises(NotFoundError):
            client.rename(name, f"to_vip/{name}")

        assert client.entries("public") == []


def test_a_missing_folder_is_not_found(connections: Connections) -> None:
    with connections.client() as client:
        with pytest.raises(NotFoundError):
            client.entries("nowhere")

        assert client.entries("public") == []


@pytest.mark.parametrize("folder", ["public", "cache/to_vip"])
def test_a_read_only_folder_refuses_files(
    connections: Connections, server: ProFTPD, name: str, folder: str
) -> None:
    with connections.client() as client:
        with pytest.raises(DeniedError) as caught:
            put(client, f"{folder}/{name}", b"x" * 100_000)

        assert (caught.value.code, caught.value.retryable) == ("file.denied", False)
        assert client.entries(folder) == []
    assert not (server.home() / folder / name).exists()


def test_a_file_in_a_read_only_folder_can_be_read_but_not_taken_away(
    connections: Connections, server: ProFTPD, name: str
) -> None:
    published = server.home() / "public" / name
    with writable(published.parent):
        published.write_bytes(b"news")

    with connections.client() as client:
        with pytest.raises(DeniedError):
            client.delete(f"public/{name}")

        assert get(client, f"public/{name}") == b"news"
    with writable(published.parent):
        published.unlink()


@pytest.mark.parametrize("name", ["a\r\nDELE b", "a\nb", "a\x00b", "a\x7fb", "a\x1bb", ""])
def test_unsafe_names_are_refused_before_anything_is_sent(
    connections: Connections, name: str
) -> None:
    with connections.client() as client:
        for act in (
            lambda: client.entries(name),
            lambda: get(client, name),
            lambda: put(client, name, b""),
            lambda: client.rename("a", name),
            lambda: client.rename(name, "a"),
            lambda: client.delete(name),
            lambda: client.size(name),
        ):
            with pytest.raises(UnsafeNameError):
                act()

        assert client.control_connections == 0


@pytest.mark.parametrize("content", [b"", b"x" * 999, b"x" * 1_001])
def test_a_source_of_another_length_than_announced_is_an_error(
    connections: Connections, name: str, content: bytes
) -> None:
    with connections.client() as client:
        with pytest.raises(SizeMismatchError):
            client.store(f"to_vip/{name}.tmp", io.BytesIO(content), size=1_000)

        put(client, f"to_vip/{name}", b"works again")
        assert client.size(f"to_vip/{name}") == len(b"works again")


def test_what_progress_raises_stops_the_upload_and_comes_out_unchanged(
    connections: Connections, name: str
) -> None:
    reason = StopTransferError("cancelled")

    def stop(_count: int) -> None:
        raise reason

    with connections.client() as client:
        with pytest.raises(StopTransferError) as caught:
            client.store(f"to_vip/{name}.tmp", io.BytesIO(b"x" * 9), size=9, progress=stop)

        assert caught.value is reason
        put(client, f"to_vip/{name}", b"works again")


def test_what_the_sink_raises_stops_the_download_and_comes_out_unchanged(
    connections: Connections, server: ProFTPD, name: str
) -> None:
    (server.home() / "from_vip" / name).write_bytes(b"x" * 5_000_000)
    reason = OSError("disk full")

    def refuse(_data: bytes) -> None:
        raise reason

    with connections.client() as client:
        with pytest.raises(OSError, match="disk full") as caught:
            client.retrieve(f"from_vip/{name}", refuse)

        assert caught.value is reason
        assert len(get(client, f"from_vip/{name}")) == 5_000_000


def test_what_the_source_raises_comes_out_unchanged(connections: Connections, name: str) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise StopTransferError

    with connections.client() as client:
        with pytest.raises(StopTransferError):
            client.store(f"to_vip/{name}", Broken(), size=10)

        assert client.entries("public") == []


def test_progress_is_told_the_bytes_so_far(connections: Connections, name: str) -> None:
    counts: list[int] = []

    with connections.client() as client:
        client.store(f"to_vip/{name}", io.BytesIO(b"x" * 9), size=9, progress=counts.append)

    assert counts
    assert all(0 <= count <= 9 for count in counts)


def test_the_transcript_tells_the_dialogue_without_the_password(connections: Connections) -> None:
    with connections.client() as client:
        client.entries("to_vip")

        text = "\n".join(client.transcript.lines)
    assert "> USER test-account" in text
    assert "> MLSD to_vip" in text
    assert "> PROT P" in text
    assert "< 226 " in text


def test_a_probe_logs_in_anew_and_tells_the_features(connections: Connections) -> None:
    with connections.client() as client:
        client.entries("to_vip")
        probe = client.probe()

        assert {"MLST", "SIZE"} <= probe.features
        assert probe.connection.tls_version.startswith("TLSv1.")
        assert client.control_connections == 2
        assert not any("SSL reusing" in line for line in _after_last(client, "AUTH TLS"))


def _after_last(client: FTPSClient, command: str) -> list[str]:
    lines = list(client.transcript.lines)
    start = max(position for position, line in enumerate(lines) if command in line)
    return lines[start:]
