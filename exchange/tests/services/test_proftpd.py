"""The main job against a server that nobody here wrote, under TLS 1.2 and 1.3."""

import hashlib
import io
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db.models import Q

from certificates.services.trust import add_trust_anchors
from exchange.models import Account, Transfer
from exchange.models.transfer import Direction, State
from exchange.services.accounts import set_proxy
from exchange.services.collection import collect
from exchange.services.delivery import deliver_batch
from exchange.services.submission import Draft, Submitter, submit
from exchange.tests.servers.connect_proxy import ConnectProxy
from exchange.tests.servers.proftpd import ProFTPD
from exchange.tests.wiring import ACTOR, wire_account
from sandbox.authority import Authority

pytestmark = [pytest.mark.proftpd, pytest.mark.django_db]

NAME = "practice.vlaanderen.be/proftpd-ftp"
COUNT = 20
QUEUED = Q(state=State.QUEUED)


@pytest.fixture(params=["TLSv1.2", "TLSv1.3"])
def tls_version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(tmp_path: Path, authority: Authority, tls_version: str) -> Iterator[ProFTPD]:
    with ProFTPD(
        tmp_path / "proftpd", authority, tls_versions=[tls_version], accounts=[NAME]
    ) as running:
        yield running


@pytest.fixture
def account(server: ProFTPD, authority: Authority) -> Account:
    return wire_account(NAME, port=server.port, authority=authority)


def contents(count: int = COUNT) -> dict[str, bytes]:
    """Make files from empty-ish to half a megabyte, the same at every run."""
    chance = random.Random(7)
    return {f"request-{n:02}.xml": chance.randbytes(1 + n * n * 1300) for n in range(count)}


def submit_all(account: Account, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        submit(Draft(account, name, Submitter(ACTOR)), content=io.BytesIO(content))


class FinalNameWatch:
    """Looks, as often as it can, whether anything stands under a final name before it is whole."""

    def __init__(self, folder: Path, files: dict[str, bytes]) -> None:
        self.partial: list[str] = []
        self.looks = 0
        self._folder = folder
        self._sizes = {name: len(content) for name, content in files.items()}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _watch(self) -> None:
        while not self._stop.wait(0.001):
            self.looks += 1
            for name, size in self._sizes.items():
                path = self._folder / name
                if path.exists() and path.stat().st_size != size:
                    self.partial.append(name)

    def __enter__(self) -> "FinalNameWatch":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()


def test_twenty_files_are_delivered_over_one_control_connection(
    account: Account, server: ProFTPD, tls_version: str
) -> None:
    files = contents()
    submit_all(account, files)

    with FinalNameWatch(server.home() / "to_vip", files) as watch:
        deliver_batch(account, among=QUEUED)

    delivered = {path.name: path.read_bytes() for path in (server.home() / "to_vip").iterdir()}
    assert delivered == files
    assert (watch.partial, watch.looks > 10) == ([], True)
    transfers = Transfer.objects.filter(direction=Direction.DELIVERY)
    assert {t.final_name: t.sha256 for t in transfers} == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items()
    }
    assert {t.state for t in transfers} == {State.DONE}
    assert {a.tls_version for t in transfers for a in t.attempts.all()} == {tls_version}
    assert len(server.commands("USER")) == 1


def test_the_server_hears_of_a_final_name_only_once_the_file_is_whole(
    account: Account, server: ProFTPD
) -> None:
    submit_all(account, contents(5))

    deliver_batch(account, among=QUEUED)

    told = [line.split(" => ") for line in server.commands("STOR", "SIZE", "RNFR", "RNTO")]
    per_file = [told[start : start + 5] for start in range(0, len(told), 5)]
    assert len(per_file) == 5
    for (stored, _), (sized, _), (asked, _), (old, _), (new, _) in per_file:
        path = stored.removeprefix("STOR ")
        final = path.rsplit(".", 2)[0]
        assert path.endswith(".tmp")
        assert (sized, old) == (f"SIZE {path}", f"RNFR {path}")
        assert (asked, new) == (f"SIZE {final}", f"RNTO {final}")
    # The size of the final name is asked for, and nothing is there.
    assert {tuple(reply for _, reply in file) for file in per_file} == {
        ("226", "213", "550", "350", "250")
    }


def test_twenty_files_are_collected_over_one_control_connection(
    account: Account, server: ProFTPD
) -> None:
    files = contents()
    for name, content in files.items():
        (server.home() / "from_vip" / name).write_bytes(content)

    result = collect(account)

    assert (len(result.collected), result.released, result.failed) == (COUNT, COUNT, [])
    assert {t.final_name: t.sha256 for t in result.collected} == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items()
    }
    cached = {path.name for path in (server.home() / "cache/from_vip").iterdir()}
    assert (cached, list((server.home() / "from_vip").iterdir())) == (set(files), [])
    assert len(server.commands("USER")) == 1


def test_each_file_is_moved_only_after_it_was_fetched_whole(
    account: Account, server: ProFTPD
) -> None:
    for name, content in contents(5).items():
        (server.home() / "from_vip" / name).write_bytes(content)

    collect(account)

    told = [line.split(" => ") for line in server.commands("RETR", "RNFR", "RNTO")]
    per_file = [told[start : start + 3] for start in range(0, len(told), 3)]
    assert len(per_file) == 5
    for (fetched, reply), (old, _), (new, _) in per_file:
        path = fetched.removeprefix("RETR ")
        assert (reply, old) == ("226", f"RNFR {path}")
        assert new == f"RNTO cache/{path}"


def test_three_transfers_each_way_go_through_a_proxy_with_a_password(
    account: Account, server: ProFTPD
) -> None:
    files = contents(3)
    for name, content in files.items():
        (server.home() / "from_vip" / name).write_bytes(content)
    submit_all(account, files)

    with ConnectProxy(username="burotica", password="s3cret, with: signs") as proxy:
        url = f"http://burotica:s3cret%2C%20with%3A%20signs@127.0.0.1:{proxy.port}"
        set_proxy(account, url=url, actor=ACTOR)
        deliver_batch(account, among=QUEUED)
        result = collect(account)

    assert {p.name: p.read_bytes() for p in (server.home() / "to_vip").iterdir()} == files
    assert (len(result.collected), result.released, result.error_code) == (3, 3, "")
    assert f"127.0.0.1:{server.port}" in proxy.targets
    # A control connection each way, and a data connection per file at least.
    assert len(proxy.targets) >= 8
    account.refresh_from_db()
    assert b"s3cret" not in bytes(account.sealed_proxy_password)


def test_a_read_only_folder_for_pick_up_is_not_written_to(
    account: Account, server: ProFTPD
) -> None:
    account.folder_to_vip = "public"
    account.save()
    submit_all(account, {"request.xml": b"<a/>"})

    deliver_batch(account, among=QUEUED)

    transfer = Transfer.objects.get()
    assert (transfer.state, transfer.error_code) == (State.FAILED, "file.denied")
    assert list((server.home() / "public").iterdir()) == []


def test_a_certificate_of_a_stranger_pauses_the_account(
    server: ProFTPD, authority: Authority
) -> None:
    """Under TLS 1.3 the refusal arrives only after the handshake."""
    account = wire_account(NAME, port=server.port, authority=Authority.create(name="Stranger"))
    add_trust_anchors(
        authority.root_pem, environment="SANDBOX", organisation=account.organisation, actor=ACTOR
    )
    submit_all(account, {"request.xml": b"<a/>"})

    deliver_batch(account, among=QUEUED)

    transfer = Transfer.objects.get()
    account.refresh_from_db()
    assert (transfer.state, transfer.error_code) == (State.QUEUED, "tls.client_rejected")
    assert account.trouble_code == "tls.client_rejected"
    assert account.paused_until is not None
