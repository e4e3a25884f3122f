"""Whether the whole of a remote file came, for servers that tell little or tell it wrong."""

import hashlib

import pytest

from exchange.models import Account, RemoteFile, Transfer
from exchange.services.collection import collect
from exchange.tests.servers.faults import DataFault, Fault, Watch
from exchange.tests.servers.faulty_magda import FaultyMAGDA
from sandbox.server import DEMO_ACCOUNT

CONTENT = b"<answer>" + b"x" * 100_000 + b"</answer>"


@pytest.fixture(autouse=True)
def answer(magda: FaultyMAGDA) -> None:
    magda.place(DEMO_ACCOUNT, "from_vip", "answer.xml", CONTENT)


def state() -> tuple[str, str, int]:
    row = RemoteFile.objects.get()
    return row.state, row.error_code, row.failures


def refuse_sizes(magda: FaultyMAGDA) -> None:
    magda.faults.append(Fault("SIZE", reply="550 SIZE not available."))


def test_a_file_whose_size_is_refused_is_collected_all_the_same(
    connected_account: Account, magda: FaultyMAGDA
) -> None:
    refuse_sizes(magda)

    result = collect(connected_account)

    assert (result.released, result.failed) == (1, [])
    assert Transfer.objects.get().sha256 == hashlib.sha256(CONTENT).hexdigest()


@pytest.mark.parametrize(
    "fault", [DataFault("RETR", limit=50_000), DataFault("RETR", extra=b"more")]
)
def test_without_sizes_the_listing_tells_that_not_just_the_file_came(
    connected_account: Account, magda: FaultyMAGDA, fault: DataFault
) -> None:
    """Nothing in the dialogue does: 226, after an orderly end of the data connection."""
    refuse_sizes(magda)
    magda.data_faults.append(fault)

    result = collect(connected_account)

    assert (result.collected, result.released) == ([], 0)
    assert state() == ("SEEN", "data.size_mismatch", 1)


def test_a_file_that_changed_since_it_was_listed_is_no_failure(
    connected_account: Account, magda: FaultyMAGDA
) -> None:
    def replace(_moment: object) -> None:
        magda.place(DEMO_ACCOUNT, "from_vip", "answer.xml", b"<other/>")

    magda.watches.append(Watch("SIZE", times=1, arrived=replace))

    first = collect(connected_account)
    assert (first.collected, first.failed) == ([], [])
    assert state() == ("SEEN", "collection.changed", 0)

    collect(connected_account)
    assert Transfer.objects.get().sha256 == hashlib.sha256(b"<other/>").hexdigest()
