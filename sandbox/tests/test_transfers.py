from __future__ import annotations

import ftplib
import io
import socket
import ssl
import subprocess
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pycurl  # noqa: TID251 - the sandbox's tests must not use the portal's client
import pytest

from sandbox.server import DEMO_ACCOUNT, PracticeMAGDA
from sandbox.tests.conftest import UNHURRIED
from sandbox.tests.samples import request_xml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox.authority import Authority, Issued
    from sandbox.tests.client import Client
    from sandbox.tests.conftest import Connect

LARGE = bytes(range(256)) * 40_000


# --- folders and rights


def test_a_home_has_the_folders_of_magdas_page(client: Client) -> None:
    assert set(client.listing()) == {"to_vip", "from_vip", "cache", "public"}
    assert set(client.listing("cache")) == {"to_vip", "from_vip"}


@pytest.mark.parametrize("folder", ["to_vip", "from_vip", "cache/from_vip", "to_vip/staging"])
def test_these_folders_are_read_write(connect: Connect, magda: PracticeMAGDA, folder: str) -> None:
    (magda.home(DEMO_ACCOUNT) / folder).mkdir(exist_ok=True)
    client = connect(magda)

    client.store(f"{folder}/a.tmp", b"abc")
    client.command(f"RNFR {folder}/a.tmp", f"RNTO {folder}/b.tmp")
    assert client.retrieve(f"{folder}/b.tmp") == b"abc"
    client.command(f"DELE {folder}/b.tmp")

    assert client.listing(folder) == {}


@pytest.mark.parametrize("folder", ["cache/to_vip", "public", "cache", ""])
def test_these_folders_are_read_only(connect: Connect, magda: PracticeMAGDA, folder: str) -> None:
    magda.place(DEMO_ACCOUNT, folder, "theirs.xml", b"abc")
    magda.place(DEMO_ACCOUNT, "to_vip", "mine.tmp", b"abc")
    client, path = connect(magda), f"{folder}/theirs.xml".lstrip("/")

    assert client.retrieve(path) == b"abc"
    for attempt in (
        [f"DELE {path}"],
        [f"RNFR {path}"],
        ["RNFR to_vip/mine.tmp", f"RNTO {folder}/mine.tmp"],
        [f"MKD {folder}/new"],
        [f"RNFR {folder or 'to_vip'}"],
        [f"RMD {folder or 'to_vip'}"],
    ):
        with pytest.raises(pycurl.error):
            client.command(*attempt)
    with pytest.raises(pycurl.error):
        connect(magda).store(path, b"overwritten")
    assert (magda.home(DEMO_ACCOUNT) / path).read_bytes() == b"abc"


def test_nobody_gets_out_of_the_home(client: Client, magda: PracticeMAGDA) -> None:
    (magda.home(DEMO_ACCOUNT).parent / "outside.txt").write_text("secret")

    with pytest.raises(pycurl.error):
        client.retrieve("to_vip/../../outside.txt")


# --- data connections


def test_listings_of_an_empty_folder_always_work(client: Client) -> None:
    for _ in range(100):
        assert client.listing("to_vip") == {}


def test_an_empty_folder_has_no_names(connect: Connect, magda: PracticeMAGDA) -> None:
    client = connect(magda)
    client.curl.setopt(pycurl.DIRLISTONLY, 1)

    assert [client.retrieve("to_vip/") for _ in range(20)] == [b""] * 20


def test_files_without_a_byte_travel_both_ways(client: Client, magda: PracticeMAGDA) -> None:
    for number in range(50):
        client.store(f"to_vip/{number}.tmp", b"")
        assert (magda.home(DEMO_ACCOUNT) / f"to_vip/{number}.tmp").read_bytes() == b""
        assert client.retrieve(f"to_vip/{number}.tmp") == b""


def test_a_large_file_comes_back_as_it_went(client: Client) -> None:
    client.store("to_vip/large.tmp", LARGE)

    assert client.retrieve("to_vip/large.tmp") == LARGE


def test_many_transfers_go_over_one_control_connection(
    client: Client, magda: PracticeMAGDA
) -> None:
    for number in range(20):
        client.store(
            f"to_vip/{number}.tmp",
            b"abc",
            then=[f"RNFR to_vip/{number}.tmp", f"RNTO to_vip/{number}.xml"],
        )

    assert {line.connection for line in magda.log} == {1}


def test_the_journal_tells_what_was_done_in_order(client: Client, magda: PracticeMAGDA) -> None:
    client.store("to_vip/a.tmp", b"abc", then=["RNFR to_vip/a.tmp", "RNTO to_vip/a.xml"])

    told = [
        (line.command, line.argument, line.code)
        for line in magda.log
        if line.command in {"STOR", "RNFR", "RNTO"} and line.account == DEMO_ACCOUNT
    ]
    assert told[0][2] in {125, 150}
    assert told[1:] == [
        ("STOR", "to_vip/a.tmp", 226),
        ("RNFR", "to_vip/a.tmp", 350),
        ("RNTO", "to_vip/a.xml", 250),
    ]


def test_data_connections_come_in_on_the_passive_range(
    tmp_path: Path, authority: Authority, connect: Connect
) -> None:
    first = _free_port()
    settings = replace(UNHURRIED, passive_ports=(first, first))
    with PracticeMAGDA(tmp_path, authority, settings) as magda:
        control = connect(magda)
        ports: list[int] = []
        control.curl.setopt(
            pycurl.HEADERFUNCTION,
            lambda line: ports.append(int(line.split(b"|")[3])) if b"|||" in line else None,
        )
        control.listing()

    assert ports == [first]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- another order, and endings that are not good


class ReusingFTP(ftplib.FTP_TLS):
    """ftplib with the control connection's session on data connections."""

    def ntransfercmd(
        self, cmd: str, rest: int | str | None = None
    ) -> tuple[socket.socket, int | None]:
        connection, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        assert isinstance(self.sock, ssl.SSLSocket)
        secured = self.context.wrap_socket(
            connection, server_hostname=self.host, session=self.sock.session
        )
        return secured, size


@pytest.fixture(params=[ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def raw(
    request: pytest.FixtureRequest,
    magda: PracticeMAGDA,
    authority: Authority,
    identity: Issued,
    tmp_path: Path,
) -> Iterator[ReusingFTP]:
    pem = tmp_path / "identity.pem"
    pem.write_bytes(identity.certificate_pem + identity.chain_pem + identity.private_key_pem)
    context = ssl.create_default_context(cadata=authority.root_pem.decode())
    context.load_cert_chain(pem)
    context.minimum_version = context.maximum_version = request.param
    with ReusingFTP(context=context) as connection:
        connection.connect("127.0.0.1", magda.port, timeout=10)
        connection.auth()
        connection.sendcmd(f"USER {DEMO_ACCOUNT}")
        connection.prot_p()
        yield connection


def test_a_listing_without_a_line_works_when_the_handshake_comes_after_the_command(
    raw: ReusingFTP,
) -> None:
    """Unlike libcurl, most clients begin the handshake when they have read the 150."""
    for _ in range(100):
        assert list(raw.mlsd("to_vip")) == []
        assert raw.nlst("to_vip") == []


def test_files_without_a_byte_work_when_the_handshake_comes_after_the_command(
    raw: ReusingFTP,
) -> None:
    for _ in range(50):
        raw.storbinary("STOR to_vip/empty.tmp", io.BytesIO())
        blocks: list[bytes] = []
        raw.retrbinary("RETR to_vip/empty.tmp", blocks.append)
        assert blocks == []


def test_an_upload_that_ends_properly_is_complete(raw: ReusingFTP, magda: PracticeMAGDA) -> None:
    reply = raw.storbinary("STOR to_vip/whole.tmp", io.BytesIO(LARGE))

    assert reply.startswith("226")
    assert (magda.home(DEMO_ACCOUNT) / "to_vip/whole.tmp").read_bytes() == LARGE


def test_an_upload_that_is_cut_is_not_called_complete(raw: ReusingFTP) -> None:
    connection = raw.transfercmd("STOR to_vip/part.tmp")
    connection.sendall(b"half")
    connection.close()

    with pytest.raises(ftplib.error_temp, match="426"):
        raw.voidresp()
    assert raw.sendcmd("NOOP").startswith("200")


def test_a_client_that_connects_and_says_nothing_holds_up_nobody(
    raw: ReusingFTP, connect: Connect, magda: PracticeMAGDA
) -> None:
    host, port = raw.makepasv()
    with socket.create_connection((host, port), timeout=5):
        raw.sendcmd("NLST public")
        started = time.process_time()
        assert connect(magda).listing("to_vip") == {}
        time.sleep(1)

        # The loop must not spin while it waits for a handshake that does not come.
        assert time.process_time() - started < 0.5


# --- picking up


def test_who_uploads_under_the_final_name_sees_the_harm(
    tmp_path: Path, authority: Authority, connect: Connect
) -> None:
    settings = replace(UNHURRIED, pick_up_after=0.2, answer_after=0)
    whole = request_xml(insz=["90010100123"] * 2000)
    with PracticeMAGDA(tmp_path, authority, settings) as magda:
        client = connect(magda)
        client.curl.setopt(pycurl.MAX_SEND_SPEED_LARGE, len(whole) // 2)
        client.store("to_vip/request.xml", whole)
        home = magda.home(DEMO_ACCOUNT)
        picked_up = (home / "cache/to_vip/request.xml").read_bytes()

        assert len(picked_up) < len(whole)
        assert client.listing("to_vip") == {}
        (answer,) = (home / "from_vip").iterdir()
        assert "XML not well-formed" in answer.read_text()


def test_who_renames_afterwards_gets_an_answer_by_itself(
    tmp_path: Path, authority: Authority, connect: Connect
) -> None:
    settings = replace(UNHURRIED, pick_up_after=0.2, answer_after=0.2)
    with PracticeMAGDA(tmp_path, authority, settings) as magda:
        client = connect(magda)
        client.store("to_vip/r.tmp", request_xml(), then=["RNFR to_vip/r.tmp", "RNTO to_vip/r.xml"])
        deadline = time.monotonic() + 10
        while not (names := list(client.listing("from_vip"))) and time.monotonic() < deadline:
            time.sleep(0.1)

        assert b"<Referte>my-reference</Referte>" in client.retrieve(f"from_vip/{names[0]}")
        assert set(client.listing("cache/to_vip")) == {"r.xml"}


# --- starting and stopping


def test_it_comes_back_on_the_same_port_with_the_same_files(
    magda: PracticeMAGDA, connect: Connect
) -> None:
    client = connect(magda)
    client.store("to_vip/a.tmp", b"abc")
    port = magda.port

    magda.stop()
    with pytest.raises(pycurl.error):
        client.listing()
    magda.start()

    assert magda.port == port
    assert connect(magda).retrieve("to_vip/a.tmp") == b"abc"


def test_a_taken_port_is_an_error_at_the_start(
    tmp_path: Path, authority: Authority, magda: PracticeMAGDA
) -> None:
    second = PracticeMAGDA(tmp_path / "2", authority, replace(UNHURRIED, port=magda.port))

    with pytest.raises(OSError, match="in use"):
        second.start()


def test_it_can_serve_in_the_calling_thread(
    tmp_path: Path, authority: Authority, connect: Connect
) -> None:
    magda = PracticeMAGDA(tmp_path, authority, UNHURRIED)
    listening = threading.Event()
    thread = threading.Thread(target=magda.serve_forever, args=(listening.set,))
    thread.start()
    assert listening.wait(5)

    assert connect(magda).listing("to_vip") == {}
    magda.stop()
    thread.join(5)

    assert not thread.is_alive()


# --- another client


@pytest.mark.parametrize("priority", ["NORMAL:-VERS-TLS1.3", "NORMAL"], ids=["1.2", "1.3"])
def test_lftp_works_with_it(
    tmp_path: Path, authority: Authority, identity: Issued, magda: PracticeMAGDA, priority: str
) -> None:
    (tmp_path / "root.pem").write_bytes(authority.root_pem)
    (tmp_path / "client.pem").write_bytes(identity.certificate_pem + identity.chain_pem)
    (tmp_path / "client.key").write_bytes(identity.private_key_pem)
    (tmp_path / "large.bin").write_bytes(LARGE)
    script = f"""
set cmd:fail-exit true; set net:max-retries 1; set net:timeout 10
set ftp:ssl-force true; set ftp:ssl-protect-data true; set ftp:ssl-protect-list true
set ssl:ca-file {tmp_path}/root.pem; set ssl:verify-certificate true
set ssl:cert-file {tmp_path}/client.pem; set ssl:key-file {tmp_path}/client.key
set ssl:priority {priority}
open -p {magda.port} -u {DEMO_ACCOUNT}, 127.0.0.1
put {tmp_path}/large.bin -o to_vip/large.tmp
mv to_vip/large.tmp to_vip/large.xml
cls -1 to_vip; cls -1 from_vip
get to_vip/large.xml -o {tmp_path}/back.bin
"""
    done = subprocess.run(
        ["lftp", "-f", "/dev/stdin"],
        input=script,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["to_vip/large.xml"]
    assert (tmp_path / "back.bin").read_bytes() == LARGE
