"""Fetching the content of a delivery from MAGDA's cache, before it is sent again."""

from collections.abc import Iterator

import pytest
from django.db.models import Q
from django.utils import timezone

from exchange.ftps import FTPSClient, NotFoundError, SizeMismatchError
from exchange.models import Account, Payload, Transfer
from exchange.models.transfer import State
from exchange.services.claims import claim_next
from exchange.services.connections import connect
from exchange.services.delivery.content import ContentError, fetch_content
from exchange.services.resending import Wish, send_again_from_cache
from exchange.services.submission import Submitter
from exchange.services.transfers import LeaseLostError
from exchange.storage import payload_store
from exchange.tests.builders import make_delivered
from exchange.tests.servers.faulty_magda import Fault, FaultyMAGDA
from exchange.tests.services.interruption import interrupted_after_committing, interrupted_before
from exchange.tests.wiring import ACTOR
from magda_portal.audit.queries import events_for
from sandbox.server import DEMO_ACCOUNT

NAME = "request.xml"
CONTENT = b"""<GeefPersoon xmlns="urn:x"><Verzoek xmlns=""><Context><Naam>GeefPersoon</Naam>
<Versie>02.02.0000</Versie><Bericht><Type>VRAAG</Type><Afzender><Referte>ref-1</Referte></Afzender>
</Bericht></Context></Verzoek></GeefPersoon>"""


@pytest.fixture
def client(connected_account: Account) -> Iterator[FTPSClient]:
    with connect(connected_account, now=timezone.now()).client as client:
        yield client


@pytest.fixture
def transfer(connected_account: Account, magda: FaultyMAGDA) -> Transfer:
    """Give a claimed transfer that sends a file of the cache again."""
    magda.place(DEMO_ACCOUNT, "cache/to_vip", NAME, CONTENT)
    return claimed(connected_account)


def claimed(account: Account) -> Transfer:
    wish = Wish(Submitter(ACTOR), "MAGDA asked for it")
    again = send_again_from_cache(account, NAME, wish)
    transfer = claim_next(account, among=Q(pk=again.pk))
    assert transfer is not None
    return transfer


def files_in_store() -> int:
    return len([path for path in payload_store().root.glob("??/*") if path.is_file()])


def nothing_was_kept(transfer: Transfer, files: int) -> bool:
    transfer.refresh_from_db()
    unchanged = transfer.payload is None and transfer.sha256 == ""
    return unchanged and files_in_store() == files and not Payload.objects.exists()


def test_it_is_kept_with_what_it_says_of_itself(client: FTPSClient, transfer: Transfer) -> None:
    fetch_content(client, transfer)

    in_memory = transfer.payload
    transfer.refresh_from_db()
    assert transfer.payload is not None
    assert transfer.payload == in_memory
    assert transfer.sha256 == transfer.payload.sha256
    assert (transfer.referte, transfer.service) == ("ref-1", "GeefPersoon")
    assert transfer.state == State.RUNNING
    with payload_store().open(transfer.payload.pk) as content:
        assert content.read() == CONTENT
    event = events_for(transfer).last()
    assert event is not None
    assert event.action == "transfer.content_fetched"


def test_what_is_there_no_more_can_not_be_sent_again(
    client: FTPSClient, transfer: Transfer, magda: FaultyMAGDA
) -> None:
    files = files_in_store()
    (magda.home(DEMO_ACCOUNT) / "cache/to_vip" / NAME).unlink()

    with pytest.raises(ContentError) as caught:
        fetch_content(client, transfer)

    assert caught.value.code == "cache.gone"
    assert nothing_was_kept(transfer, files)


def test_a_refusal_of_what_is_still_listed_is_no_proof_that_it_is_gone(
    client: FTPSClient, transfer: Transfer, magda: FaultyMAGDA
) -> None:
    magda.faults.append(Fault("RETR", reply="550 Not now."))

    with pytest.raises(NotFoundError):
        fetch_content(client, transfer)


def test_another_file_under_the_name_is_not_sent(
    client: FTPSClient, transfer: Transfer, magda: FaultyMAGDA
) -> None:
    files = files_in_store()
    magda.place(DEMO_ACCOUNT, "cache/to_vip", NAME, CONTENT + b"<!-- more -->")

    with pytest.raises(ContentError) as caught:
        fetch_content(client, transfer)

    assert caught.value.code == "cache.other_content"
    assert nothing_was_kept(transfer, files)


def test_other_content_of_the_same_size_is_not_sent(
    client: FTPSClient, connected_account: Account, magda: FaultyMAGDA
) -> None:
    make_delivered(connected_account, name=NAME, content=CONTENT)
    magda.place(DEMO_ACCOUNT, "cache/to_vip", NAME, CONTENT.swapcase())
    transfer = claimed(connected_account)

    with pytest.raises(ContentError) as caught:
        fetch_content(client, transfer)

    assert caught.value.code == "cache.other_content"
    transfer.refresh_from_db()
    assert transfer.payload is None


def test_a_file_of_other_hands_may_be_picked_by_its_size(
    client: FTPSClient, connected_account: Account, magda: FaultyMAGDA
) -> None:
    """The listing showed it next to the delivery of that name, with its own size."""
    make_delivered(connected_account, name=NAME, content=b"<ours/>")
    magda.place(DEMO_ACCOUNT, "cache/to_vip", NAME, CONTENT)
    transfer = claimed(connected_account)

    fetch_content(client, transfer)

    assert transfer.size == len(CONTENT)


def test_a_part_of_the_file_is_tried_again(
    client: FTPSClient, transfer: Transfer, magda: FaultyMAGDA
) -> None:
    files = files_in_store()
    path = magda.home(DEMO_ACCOUNT) / "cache/to_vip" / NAME
    # Cut short while it is fetched, and whole again when its size is asked for.
    path.write_bytes(CONTENT[:50])
    magda.faults.append(
        Fault("SIZE", after=1, times=1, obeys=True, first=lambda: path.write_bytes(CONTENT))
    )

    with pytest.raises(SizeMismatchError):
        fetch_content(client, transfer)

    assert nothing_was_kept(transfer, files)


def test_a_worker_that_lost_its_lease_keeps_nothing(client: FTPSClient, transfer: Transfer) -> None:
    files = files_in_store()
    Transfer.objects.filter(pk=transfer.pk).update(token=transfer.token + 1)

    with pytest.raises(LeaseLostError):
        fetch_content(client, transfer)

    assert nothing_was_kept(transfer, files)


def test_an_end_before_the_commit_leaves_nothing(client: FTPSClient, transfer: Transfer) -> None:
    files = files_in_store()

    with interrupted_before('UPDATE "exchange_transfer"'):
        fetch_content(client, transfer)

    assert nothing_was_kept(transfer, files)


def test_an_end_after_the_commit_leaves_the_content(client: FTPSClient, transfer: Transfer) -> None:
    with interrupted_after_committing('UPDATE "exchange_transfer"'):
        fetch_content(client, transfer)

    transfer.refresh_from_db()
    assert transfer.payload is not None
    assert payload_store().size_of(transfer.payload.pk) == len(CONTENT)
