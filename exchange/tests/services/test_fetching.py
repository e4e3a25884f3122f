"""Whether the whole of a remote file came, for servers that tell little or tell it wrong."""

import hashlib

import pytest

from exchange.messages.tests.builders import sample
from exchange.models import Account, RemoteFile, Transfer
from exchange.services.answers import COUNTED_BYTES
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


@pytest.mark.parametrize(
    ("name", "errors"), [("answer_exceptions.xml", 2), ("answer_refused.xml", 1), ("answer.xml", 0)]
)
def test_the_errors_in_an_answer_are_counted_as_it_is_collected(
    connected_account: Account, magda: FaultyMAGDA, name: str, errors: int
) -> None:
    magda.place(DEMO_ACCOUNT, "from_vip", "answer.xml", sample(name).read())

    collect(connected_account)

    assert Transfer.objects.get().errors_reported == errors


def test_what_is_no_message_of_magda_has_no_number_of_errors(connected_account: Account) -> None:
    collect(connected_account)

    assert Transfer.objects.get().errors_reported is None


def test_of_a_large_answer_only_the_beginning_is_counted(
    connected_account: Account, magda: FaultyMAGDA
) -> None:
    head, tag, tail = sample("answer_exceptions.xml").read().partition(b"<Antwoorden>")
    assert tag
    content = head + tag + b" " * COUNTED_BYTES + tail
    magda.place(DEMO_ACCOUNT, "from_vip", "answer.xml", content)

    collect(connected_account)

    # None found in it is no answer.
    assert Transfer.objects.get().errors_reported is None
