"""Each row of the fault table through the client: what comes short is never taken for whole.

The rows are :mod:`exchange.tests.servers.fault_table`. What an upload left behind is told by SIZE,
which is asked before the file gets its name.
"""

import io
import math
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass

import pytest

from exchange.ftps import ClientCredentials, Endpoint, FTPSClient, FTPSError, Timeouts, TrustStore
from exchange.ftps.config import TLSVersion
from exchange.ftps.errors import CommandError, DataError
from exchange.tests.servers.fault_table import DOWNLOADS, UPLOADS, Case
from exchange.tests.servers.faults import DataFault, Fault
from exchange.tests.servers.faulty_magda import FaultyMAGDA
from sandbox.authority import Authority
from sandbox.server import DEMO_ACCOUNT, SandboxSettings

# Nothing is picked up or answered by itself.
UNHURRIED = SandboxSettings(pick_up_after=math.inf, answer_after=math.inf, with_publications=False)
CONTENT = bytes(range(256)) * 400
FINAL = "to_vip/a.xml"
TEMPORARY = "to_vip/a.xml.1-1.tmp"

# Of these, all that was announced arrives, and 226 says so.
WHOLE_DOWNLOADS = {"full+fin+226", "long+notify+226"}


@dataclass
class Stand:
    """A server to spoil and a client of it."""

    magda: FaultyMAGDA
    client: FTPSClient

    def content_of(self, path: str) -> bytes:
        return (self.magda.home(DEMO_ACCOUNT) / path).read_bytes()

    def exists(self, path: str) -> bool:
        return (self.magda.home(DEMO_ACCOUNT) / path).exists()

    def fetch(self) -> bytes:
        """Fetch as a collection does."""
        sink = io.BytesIO()
        self.client.retrieve("from_vip/a.xml", sink.write)
        return sink.getvalue()

    def store(self) -> int | None:
        """Store under a temporary name, and return the size that the server then tells."""
        self.client.store(TEMPORARY, io.BytesIO(CONTENT), size=len(CONTENT))
        return self.client.size(TEMPORARY)

    def deliver(self) -> None:
        """Deliver as the portal does: store, compare, rename."""
        if self.store() != len(CONTENT):
            raise AssertionError("came short")
        self.client.rename(TEMPORARY, FINAL)


@pytest.fixture(scope="module")
def magda(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[FaultyMAGDA]:
    with FaultyMAGDA(tmp_path_factory.mktemp("magda"), authority, UNHURRIED) as server:
        yield server


@pytest.fixture(scope="module")
def credentials(authority: Authority) -> ClientCredentials:
    issued = authority.issue_client(DEMO_ACCOUNT)
    chain = issued.certificate_pem + issued.chain_pem
    return ClientCredentials(DEMO_ACCOUNT, chain, issued.private_key_pem)


@pytest.fixture(params=TLSVersion, ids=str)
def stand(
    request: pytest.FixtureRequest,
    magda: FaultyMAGDA,
    credentials: ClientCredentials,
    authority: Authority,
) -> Iterator[Stand]:
    magda.faults.clear()
    magda.data_faults.clear()
    for folder in ("to_vip", "from_vip"):
        for path in (magda.home(DEMO_ACCOUNT) / folder).iterdir():
            path.unlink()
    magda.place(DEMO_ACCOUNT, "from_vip", "a.xml", CONTENT)
    endpoint = Endpoint("127.0.0.1", magda.port, highest_tls=request.param)
    timeouts = Timeouts(connect=5, reply=5, stall=5)
    with FTPSClient(endpoint, credentials, TrustStore(authority.root_pem), timeouts) as client:
        yield Stand(magda, client)


def test_without_a_fault_all_goes_well(stand: Stand) -> None:
    assert stand.fetch() == CONTENT
    stand.deliver()
    assert stand.content_of(FINAL) == CONTENT


@pytest.mark.parametrize("case", DOWNLOADS, ids=str)
def test_a_download_that_comes_short_is_an_error(case: Case, stand: Stand) -> None:
    """Bytes beyond those that SIZE announced are left where they are."""
    # Always: what the client repeats by itself must not succeed by luck.
    stand.magda.data_faults.append(case.fault("RETR", size=len(CONTENT), times=100))

    if case.name in WHOLE_DOWNLOADS:
        assert stand.fetch() == CONTENT
    else:
        with pytest.raises(FTPSError) as caught:
            stand.fetch()
        assert caught.value.retryable


@pytest.mark.parametrize("case", DOWNLOADS, ids=str)
def test_the_next_download_is_whole(case: Case, stand: Stand) -> None:
    stand.magda.data_faults.append(case.fault("RETR", size=len(CONTENT), times=100))
    if case.name not in WHOLE_DOWNLOADS:
        with pytest.raises(FTPSError):
            stand.fetch()
    stand.magda.data_faults.clear()

    assert stand.fetch() == CONTENT


@pytest.mark.parametrize("case", UPLOADS, ids=str)
def test_an_upload_that_comes_short_is_an_error_or_shows_in_its_size(
    case: Case, stand: Stand
) -> None:
    stand.magda.data_faults.append(case.fault("STOR", size=len(CONTENT), times=100))

    # What is half there behind a 226 may pass for a success: the client can't always tell.
    is_deceptive = case.half and case.reply.startswith("226")
    size = None
    with suppress(DataError) if is_deceptive else pytest.raises(FTPSError):
        size = stand.store()

    assert size in (None, len(CONTENT) // 2)
    assert not stand.exists(FINAL)


@pytest.mark.parametrize("case", UPLOADS, ids=str)
def test_the_next_upload_is_whole(case: Case, stand: Stand) -> None:
    stand.magda.data_faults.append(case.fault("STOR", size=len(CONTENT)))
    with pytest.raises((FTPSError, AssertionError)):
        stand.deliver()

    stand.deliver()

    assert stand.content_of(FINAL) == CONTENT


@pytest.mark.parametrize(
    ("fault", "is_there"),
    [
        (Fault("RNTO", reply="553 That name is taken."), False),
        (Fault("RNTO"), False),
        (Fault("RNTO", obeys=True), True),
        (Fault("RNFR", reply="550 No such file."), False),
    ],
    ids=["rnto 553 exists", "rnto drop", "rnto done+die", "rnfr 550 gone"],
)
def test_a_rename_without_its_reply_is_an_error(fault: Fault, is_there: bool, stand: Stand) -> None:
    """Whether it was done is for whoever looks at the server to say."""
    fault.times = 100
    stand.magda.faults[:] = [fault]

    with pytest.raises(FTPSError):
        stand.deliver()

    assert stand.exists(FINAL) == is_there
    assert stand.exists(TEMPORARY) != is_there


@pytest.mark.parametrize("verb", ["RETR", "STOR"])
@pytest.mark.parametrize("refusal", ["522 Reuse the session.", "425 Can't open it."])
def test_a_third_data_connection_that_is_refused_spoils_no_other(
    verb: str, refusal: str, stand: Stand
) -> None:
    stand.magda.data_faults.append(DataFault(verb, after=2, times=1, refuses=refusal))
    results: list[object] = []

    for _ in range(4):
        try:
            results.append(stand.fetch() if verb == "RETR" else stand.store())
        except FTPSError as error:
            results.append(error.retryable)

    good = CONTENT if verb == "RETR" else len(CONTENT)
    # Where libcurl gets to see the refusal, the client does it again by itself.
    assert results in ([good] * 4, [good, good, True, good])


@pytest.mark.parametrize("reply", ["550 SIZE not allowed.", "500 Unknown.", "502 Not implemented."])
def test_a_refused_size_is_never_taken_for_a_number(reply: str, stand: Stand) -> None:
    stand.magda.faults.append(Fault("SIZE", reply=reply))
    size = None

    with pytest.raises(CommandError) if reply.startswith("550") else nullcontext():
        size = stand.store()

    assert size is None
