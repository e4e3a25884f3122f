"""The ledger follows what the listings show, and knows a file that it has seen before."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from exchange.ftps import Entry, EntryKind
from exchange.models import Account, RemoteFile
from exchange.models.transfer import Direction, State
from exchange.services.ledger import bring_up_to_date
from exchange.tests.builders import make_account, make_transfer
from magda_portal.audit.models import AuditEvent
from magda_portal.people.models import Organisation

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
TUESDAY = datetime(2026, 3, 3, 8, tzinfo=UTC)


@pytest.fixture
def account() -> Account:
    return make_account(Organisation.objects.create(name="Gemeente Voorbeeld", code="0123456789"))


def entry(name: str = "a.xml", size: int | None = 4, modified: datetime | None = MONDAY) -> Entry:
    return Entry(name, size, modified, EntryKind.FILE)


def listed(
    account: Account, *entries: Entry, folder: str = "from_vip", moved: str = ""
) -> list[str]:
    """Bring the ledger up to date; return the states of the files present."""
    rows = bring_up_to_date(
        account, folder, entries, now=timezone.now(), moved={moved} if moved else set()
    )
    return [row.state for row in rows]


def keep(row: RemoteFile, **columns: object) -> None:
    """Make ``row`` one that was fetched."""
    transfer = make_transfer(
        row.account,
        name=row.name,
        content=b"<x/>",
        direction=Direction.COLLECTION,
        state=State.DONE,
        holds_name=False,
    )
    kept = {"state": RemoteFile.State.KEPT, "transfer": transfer, **columns}
    RemoteFile.objects.filter(pk=row.pk).update(**kept)


def kept_file(account: Account, shape: Entry, folder: str = "from_vip", **columns: object) -> None:
    listed(account, shape, folder=folder)
    keep(RemoteFile.objects.get(), **columns)


def states() -> list[str]:
    return list(RemoteFile.objects.order_by("id").values_list("state", flat=True))


@pytest.mark.parametrize("folder", ["from_vip", "public"])
def test_a_kept_file_that_comes_back_is_not_a_new_one(account: Account, folder: str) -> None:
    """One listing that came empty must not cost a second copy of everything."""
    kept_file(account, entry(), folder)
    listed(account, folder=folder)
    gone = states()

    listed(account, entry(), folder=folder)

    assert (gone, states()) == (["VANISHED"], ["KEPT"])
    actions = AuditEvent.objects.order_by("id").values_list("action", flat=True)
    assert list(actions) == ["remote_file.vanished", "remote_file.reappeared"]


@pytest.mark.parametrize("other", [entry(size=5), entry(modified=TUESDAY), entry(modified=None)])
def test_what_comes_back_changed_is_a_new_file(account: Account, other: Entry) -> None:
    kept_file(account, entry())
    listed(account)

    listed(account, other)

    assert states() == ["VANISHED", "SEEN"]


@pytest.mark.parametrize(("folder", "state"), [("from_vip", "SEEN"), ("public", "KEPT")])
def test_without_a_time_only_a_publication_is_recognised(
    account: Account, folder: str, state: str
) -> None:
    kept_file(account, entry(modified=None), folder)
    listed(account, folder=folder)

    assert listed(account, entry(modified=None), folder=folder) == [state]


def test_what_was_never_kept_is_fetched_when_it_comes_back(account: Account) -> None:
    listed(account, entry())
    listed(account)

    assert listed(account, entry()) == ["SEEN"]


@pytest.mark.parametrize("other", [entry(size=5), entry(modified=TUESDAY)])
def test_a_kept_name_with_another_shape_is_a_new_file(account: Account, other: Entry) -> None:
    kept_file(account, entry())

    listed(account, other)

    assert states() == ["VANISHED", "SEEN"]


def test_what_we_moved_is_not_taken_for_gone_when_another_has_its_name(account: Account) -> None:
    path = "cache/from_vip/a.xml"
    kept_file(account, entry(), release_asked_at=timezone.now(), cache_path=path)

    listed(account, entry(modified=TUESDAY), moved=path)

    assert states() == ["RELEASED", "SEEN"]


def test_where_no_time_is_told_the_moved_file_tells_that_another_came(account: Account) -> None:
    path = "cache/from_vip/a.xml"
    shape = entry(modified=None)
    kept_file(account, shape, release_asked_at=timezone.now(), cache_path=path)

    listed(account, shape, moved=path)

    assert states() == ["RELEASED", "SEEN"]


def test_a_file_that_is_still_growing_gets_a_fresh_chance(account: Account) -> None:
    listed(account, entry())
    RemoteFile.objects.update(failures=3, next_try_at=timezone.now())

    listed(account, entry(size=5))

    row = RemoteFile.objects.get()
    assert (row.size, row.failures, row.next_try_at) == (5, 0, None)


def test_a_thousand_files_that_vanish_cost_few_queries(account: Account) -> None:
    listed(account, *(entry(f"{number}.xml") for number in range(1001)))

    with CaptureQueriesContext(connection) as queries:
        listed(account)

    assert set(states()) == {"VANISHED"}
    assert AuditEvent.objects.filter(action="remote_file.vanished").count() == 1001
    assert len(queries) < 60


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("caf\udce9.xml", r"caf\xe9.xml"),
        ("nul\x00.xml", r"nul\x00.xml"),
        ("back\\slash\udcff", r"back\x5cslash\xff"),
    ],
)
def test_a_name_that_no_column_holds_is_escaped_and_can_be_had_back(
    account: Account, name: str, stored: str
) -> None:
    listed(account, entry(name))
    listed(account, entry(name))

    row = RemoteFile.objects.get()
    assert (row.name, row.name_is_escaped, row.wire_name) == (stored, True, name)


def test_an_escaped_name_is_not_mistaken_for_one_that_reads_the_same(account: Account) -> None:
    assert listed(account, entry("caf\udce9.xml"), entry(r"caf\xe9.xml")) == ["SEEN", "SEEN"]
    assert {row.wire_name for row in RemoteFile.objects.all()} == {
        "caf\udce9.xml",
        r"caf\xe9.xml",
    }


@pytest.mark.parametrize("name", ["tab\there.xml", "bell\x07.xml", "../up.xml", "..", "nul\x00"])
def test_a_name_that_no_command_can_say_is_entered_as_trouble(account: Account, name: str) -> None:
    listed(account, entry(name))

    row = RemoteFile.objects.get()
    assert (row.wire_name, row.error_code) == (name, "collection.name_unsafe")
    assert row.last_error_at is not None


def test_a_folder_and_a_name_beyond_any_file_system_are_left_out(account: Account) -> None:
    folder = Entry("folder", None, None, EntryKind.FOLDER)

    assert listed(account, folder, entry("x" * 1021)) == []
