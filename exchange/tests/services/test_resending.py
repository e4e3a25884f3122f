"""Sending a delivered file again: what it takes, what is made, and what is refused."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from exchange.errors import ExchangeError, StateError
from exchange.ftps import Entry, EntryKind
from exchange.models import Account, Payload, Transfer
from exchange.models.transfer import State
from exchange.services.resending import Wish, _size_of, send_again, send_again_from_cache
from exchange.services.submission import Submitter
from exchange.storage import payload_store
from exchange.tests.builders import make_account, make_collected, make_delivered, make_transfer
from exchange.tests.servers.faulty_magda import Fault, FaultyMAGDA
from exchange.tests.wiring import ACTOR
from magda_portal.audit.queries import events_for
from magda_portal.tests.world import World
from sandbox.server import DEMO_ACCOUNT

REASON = "MAGDA asked for it"
WISH = Wish(Submitter(ACTOR), REASON)
CACHED = b"<from-the-cache/>"


@pytest.fixture
def account(world: World) -> Account:
    return make_account(world.organisation)


def content_of(transfer: Transfer) -> bytes:
    assert transfer.payload is not None
    with payload_store().open(transfer.payload.pk) as content:
        return content.read()


def refused(act: Callable[[], Transfer]) -> str:
    """Return the code of the refusal, after checking that nothing was kept of it."""
    before = (files_in_store(), Transfer.objects.count(), Payload.objects.count())

    with pytest.raises(ExchangeError) as refusal:
        act()

    assert (files_in_store(), Transfer.objects.count(), Payload.objects.count()) == before
    return refusal.value.code


def files_in_store() -> int:
    return len([path for path in payload_store().root.glob("??/*") if path.is_file()])


def test_a_new_transfer_with_the_same_content_names_the_old_one(account: Account) -> None:
    first = make_delivered(account, content=b"<vraag/>", referte="ref-1", service="GeefPersoon")

    again = send_again(first, WISH)

    first.refresh_from_db()
    assert (again.resends, again.resend_reason) == (first, REASON)
    assert (again.state, again.final_name) == (State.QUEUED, first.final_name)
    assert (again.referte, again.service) == ("ref-1", "GeefPersoon")
    assert (first.holds_name, again.holds_name) == (False, True)
    assert content_of(again) == content_of(first) == b"<vraag/>"
    assert again.payload != first.payload
    event = events_for(again).get()
    assert (event.details["resends"], event.details["reason"]) == (first.pk, REASON)


def test_it_needs_a_reason_of_some_length(account: Account) -> None:
    first = make_delivered(account)

    for reason in ("", " " * 20, "too short", "x" * 301):
        wish = Wish(Submitter(ACTOR), reason)
        code = "transfer.reason_long" if len(reason) > 300 else "transfer.reason_short"
        assert refused(lambda: send_again(first, wish)) == code  # noqa: B023 - called at once


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (State.QUEUED, "transfer.not_delivered"),
        (State.RUNNING, "transfer.not_delivered"),
        (State.WAITING, "transfer.not_delivered"),
        (State.FAILED, "transfer.not_delivered"),
        (State.CANCELLED, "transfer.not_delivered"),
        (State.UNCERTAIN, "transfer.undecided"),
    ],
)
def test_only_what_was_delivered_is_sent_again(account: Account, state: State, code: str) -> None:
    transfer = make_transfer(account, state=state)

    assert refused(lambda: send_again(transfer, WISH)) == code


def test_a_collected_file_is_not_sent_again(account: Account) -> None:
    collected = make_collected(account)

    assert refused(lambda: send_again(collected, WISH)) == "transfer.from_magda"


def test_each_transfer_is_sent_again_once(account: Account) -> None:
    """Else two clerks with the same old page open would cause two consultations."""
    first = make_delivered(account)
    second = send_again(first, WISH)

    assert refused(lambda: send_again(first, WISH)) == "transfer.sent_again_already"
    Transfer.objects.filter(pk=second.pk).update(state=State.DONE, finished_at=timezone.now())
    assert refused(lambda: send_again(first, WISH)) == "transfer.sent_again_already"
    second.refresh_from_db()
    assert send_again(second, WISH).resends == second


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
def test_one_that_came_to_nothing_does_not_count(account: Account, state: State) -> None:
    first = make_delivered(account)
    second = send_again(first, WISH)
    Transfer.objects.filter(pk=second.pk).update(state=state, holds_name=False)

    assert send_again(first, WISH).resends == first


def test_a_double_click_lands_on_the_first(account: Account) -> None:
    first = make_delivered(account)
    wish = Wish(Submitter(ACTOR), REASON, uuid.uuid4())

    assert send_again(first, wish) == send_again(first, wish)
    assert Transfer.objects.count() == 2


def test_a_name_that_is_on_its_way_again_keeps_it(account: Account) -> None:
    first = make_delivered(account, finished_at=timezone.now() - timedelta(days=20))
    Transfer.objects.filter(pk=first.pk).update(holds_name=False)
    make_transfer(account, name=first.final_name)

    assert refused(lambda: send_again(first, WISH)) == "name.in_progress"


def test_a_suspended_account_sends_nothing_again(account: Account) -> None:
    first = make_delivered(account)
    account.state = Account.State.SUSPENDED

    assert refused(lambda: send_again(first, WISH)) == "account.suspended"


@pytest.mark.parametrize("loss", ["erased", "missing", "damaged"])
def test_content_that_is_gone_here_comes_from_magda(account: Account, loss: str) -> None:
    first = make_delivered(account)
    assert first.payload is not None
    (path,) = payload_store().root.glob(f"??/{first.payload.pk}")
    if loss == "erased":
        first.payload.erased_at = timezone.now()
    if loss == "damaged":
        path.write_bytes(b"<other/>")
    else:
        path.unlink()
    files = files_in_store()

    again = send_again(first, WISH)

    assert (again.payload, again.content_from) == (None, f"cache/to_vip/{first.final_name}")
    assert (again.size, again.sha256) == (first.size, "")
    assert files_in_store() == files


def test_a_file_in_magdas_cache_is_sent_again(
    connected_account: Account, magda: FaultyMAGDA
) -> None:
    magda.place(DEMO_ACCOUNT, "cache/to_vip", "old request.xml", CACHED)

    again = send_again_from_cache(connected_account, "old request.xml", WISH)

    assert (again.resends, again.resend_reason) == (None, REASON)
    assert (again.payload, again.size) == (None, len(CACHED))
    assert again.content_from == "cache/to_vip/old request.xml"
    assert again.holds_name


def test_from_the_cache_it_names_the_last_delivery_of_that_name(
    connected_account: Account, magda: FaultyMAGDA
) -> None:
    magda.place(DEMO_ACCOUNT, "cache/to_vip", "vraag.xml", CACHED)
    make_delivered(connected_account, holds_name=False)
    newest = make_delivered(connected_account)

    assert send_again_from_cache(connected_account, "vraag.xml", WISH).resends == newest


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("not-there.xml", "cache.gone"),
        ("../from_vip/x.xml", "name.separator"),
        ("x\r\nDELE y.xml", "name.control_character"),
        ("folder", "cache.gone"),
        ("empty.xml", "upload.empty"),
    ],
)
def test_a_name_that_the_cache_does_not_hold_as_a_file_is_refused(
    connected_account: Account, magda: FaultyMAGDA, name: str, code: str
) -> None:
    magda.place(DEMO_ACCOUNT, "cache/to_vip", "empty.xml", b"")
    magda.place(DEMO_ACCOUNT, "from_vip", "x.xml", b"x")
    (magda.home(DEMO_ACCOUNT) / "cache/to_vip/folder").mkdir()

    assert refused(lambda: send_again_from_cache(connected_account, name, WISH)) == code


@pytest.mark.parametrize(
    ("state", "code"),
    [(State.QUEUED, "name.in_progress"), (State.UNCERTAIN, "name.uncertain")],
)
def test_a_name_of_unknown_outcome_is_not_taken_from_the_cache(
    connected_account: Account, magda: FaultyMAGDA, state: State, code: str
) -> None:
    magda.place(DEMO_ACCOUNT, "cache/to_vip", "vraag.xml", CACHED)
    make_transfer(connected_account, state=state)

    assert refused(lambda: send_again_from_cache(connected_account, "vraag.xml", WISH)) == code


def test_a_cache_folder_that_is_missing_holds_nothing(
    connected_account: Account, magda: FaultyMAGDA
) -> None:
    magda.faults.append(Fault("MLSD", reply="550 No such folder."))

    assert refused(lambda: send_again_from_cache(connected_account, "a.xml", WISH)) == "cache.gone"


def test_a_size_that_the_server_does_not_tell_is_refused() -> None:
    """The copy could not be checked."""
    entry = Entry("a.xml", None, None, EntryKind.FILE)

    with pytest.raises(StateError, match="size_unknown"):
        _size_of(entry)
