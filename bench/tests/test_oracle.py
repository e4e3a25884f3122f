"""The oracle finds what a run left out: files, looks at their size, rows, events."""

from dataclasses import asdict
from pathlib import Path

import pytest
from django.utils import timezone

from bench.contents import Expected, lay_files, request_content
from bench.oracle.dialogue import collections_without_check, deliveries_without_check
from bench.oracle.files import complaints_about
from bench.oracle.rows import check_delivered
from exchange.models import Account, Transfer, TransferAttempt
from exchange.tests.builders import make_account, make_delivered
from magda_portal.audit.actions import Action
from magda_portal.audit.models import AuditEvent
from magda_portal.audit.services import Actor, Subject, record
from magda_portal.tests.world import World

FILES = Expected.numbered("vraag", 3, 300)
NAMES = [file.name for file in FILES]


# --- files


def test_whole_files_are_no_cause_for_complaint(tmp_path: Path) -> None:
    lay_files(tmp_path, FILES)

    assert not list(complaints_about(tmp_path, FILES))


def test_a_missing_file_is_found(tmp_path: Path) -> None:
    lay_files(tmp_path, FILES[1:])

    assert list(complaints_about(tmp_path, FILES)) == [
        f"vraag-0000.xml is missing in {tmp_path.name}."
    ]


def test_a_partial_file_is_found(tmp_path: Path) -> None:
    lay_files(tmp_path, FILES)
    (tmp_path / NAMES[1]).write_bytes(request_content(NAMES[1], 300)[:100])

    assert list(complaints_about(tmp_path, FILES)) == ["vraag-0001.xml has 100 of 300 bytes."]


def test_another_content_of_the_same_size_is_found(tmp_path: Path) -> None:
    lay_files(tmp_path, FILES)
    (tmp_path / NAMES[2]).write_bytes(request_content("another", 300))

    assert list(complaints_about(tmp_path, FILES)) == ["vraag-0002.xml has another content."]


def test_a_file_too_many_is_found(tmp_path: Path) -> None:
    lay_files(tmp_path, FILES)
    (tmp_path / f"{NAMES[0]}.tmp").write_bytes(b"")

    assert "was not asked for" in " ".join(complaints_about(tmp_path, FILES))


# --- what was said to the server


def _delivery(name: str, *, checked: str = "SIZE to_vip/{}.tmp => 213") -> list[str]:
    said = [f"STOR to_vip/{name}.tmp => 226"]
    said += [checked.format(name)] if checked else []
    return [*said, f"RNFR to_vip/{name}.tmp => 350", f"RNTO to_vip/{name} => 250"]


def test_a_checked_delivery_is_no_cause_for_complaint() -> None:
    said = {"1": [*_delivery(NAMES[0]), *_delivery(NAMES[1])], "2": _delivery(NAMES[2])}

    assert not list(deliveries_without_check(said, NAMES))


@pytest.mark.parametrize("checked", ["", "SIZE to_vip/{} => 550", "SIZE to_vip/{}.tmp => 550"])
def test_a_delivery_without_a_look_at_its_size_is_found(checked: str) -> None:
    said = {"1": _delivery(NAMES[0], checked=checked)}

    assert list(deliveries_without_check(said, NAMES[:1])) == [
        "vraag-0000.xml was renamed, and its size was not asked for before."
    ]


def test_a_look_at_the_size_before_the_upload_is_none() -> None:
    said = {"1": [f"SIZE to_vip/{NAMES[0]}.tmp => 213", *_delivery(NAMES[0], checked="")]}

    assert list(deliveries_without_check(said, NAMES[:1]))


def test_one_listing_tells_the_sizes_of_many() -> None:
    names = NAMES[:2]
    stored = [f"STOR to_vip/{name}.tmp => 226" for name in names]
    renamed = [
        f"{verb} => {reply}"
        for name in names
        for verb, reply in ((f"RNFR to_vip/{name}.tmp", 350), (f"RNTO to_vip/{name}", 250))
    ]

    assert not list(deliveries_without_check({"1": [*stored, "MLSD => 226", *renamed]}, names))


def test_a_delivery_done_twice_is_found() -> None:
    said = {"1": _delivery(NAMES[0]), "2": _delivery(NAMES[0])}

    assert "2 times" in " ".join(deliveries_without_check(said, NAMES[:1]))


def test_a_delivery_that_never_came_is_found() -> None:
    assert "0 times" in " ".join(deliveries_without_check({}, NAMES[:1]))


def _collection(name: str, *, is_checked: bool = True) -> list[str]:
    said = [f"RETR from_vip/{name} => 226"]
    said += [f"SIZE from_vip/{name} => 213"] if is_checked else []
    return [*said, f"RNFR from_vip/{name} => 350", f"RNTO cache/from_vip/{name} => 250"]


def test_a_checked_collection_is_no_cause_for_complaint() -> None:
    assert not list(collections_without_check({"1": _collection(NAMES[0])}, NAMES[:1]))


def test_a_collection_without_a_look_at_the_size_is_found() -> None:
    said = {"1": _collection(NAMES[0], is_checked=False)}

    assert list(collections_without_check(said, NAMES[:1]))


def test_a_file_fetched_twice_is_found() -> None:
    said = {"1": [*_collection(NAMES[0]), *_collection(NAMES[0])]}

    assert "fetched 2 times" in " ".join(collections_without_check(said, NAMES[:1]))


# --- rows

EVENTS = (Action.TRANSFER_SUBMITTED, Action.TRANSFER_SENDING, Action.TRANSFER_DELIVERED)


@pytest.fixture
def account(world: World) -> Account:
    return make_account(world.organisation)


@pytest.fixture
def delivered(account: Account) -> Transfer:
    """One delivery with all that a delivery leaves."""
    content = request_content(NAMES[0], 300)
    transfer = make_delivered(account, name=NAMES[0], content=content)
    TransferAttempt.objects.create(
        transfer=transfer,
        number=1,
        started_at=timezone.now(),
        bytes_moved=300,
        reply="226 done",
        transcript="< 226 done",
        certificate_fingerprint="ab",
    )
    for action in EVENTS:
        _tell(transfer, action)
    return transfer


def _tell(transfer: Transfer, action: Action) -> None:
    details = {"sha256": transfer.sha256}
    record(action, actor=Actor("x"), subject=Subject.row(transfer), details=details)


def _complaints(account: Account) -> list[str]:
    return check_delivered(str(account.pk), [asdict(FILES[0])])


def test_a_delivery_with_all_its_rows_is_no_cause_for_complaint(
    account: Account, delivered: Transfer
) -> None:
    assert not _complaints(account)


def test_a_delivery_without_a_row_is_found(account: Account) -> None:
    assert _complaints(account) == ["vraag-0000.xml has no row of this content."]


def test_a_delivery_that_is_not_done_is_found(account: Account, delivered: Transfer) -> None:
    Transfer.objects.update(state="RUNNING")

    assert "is RUNNING" in " ".join(_complaints(account))


def test_a_delivery_without_its_attempt_is_found(account: Account, delivered: Transfer) -> None:
    TransferAttempt.objects.all().delete()

    assert "0 attempts" in " ".join(_complaints(account))


def test_an_attempt_without_its_dialogue_is_found(account: Account, delivered: Transfer) -> None:
    TransferAttempt.objects.update(transcript="")

    assert "lacks certificate, dialogue or reply" in " ".join(_complaints(account))


@pytest.mark.parametrize("left_out", EVENTS)
def test_a_delivery_without_an_audit_event_is_found(
    account: Account, delivered: Transfer, left_out: Action
) -> None:
    # The trail takes nothing back, so another transfer has fewer events from the start.
    Transfer.objects.update(final_name="other.xml", holds_name=False)
    fresh = make_delivered(account, name=NAMES[0], content=request_content(NAMES[0], 300))
    TransferAttempt.objects.update(transfer=fresh)
    for action in EVENTS:
        if action != left_out:
            _tell(fresh, action)

    assert f"{left_out} 0 times" in " ".join(_complaints(account))


def test_an_event_too_many_is_found(account: Account, delivered: Transfer) -> None:
    _tell(delivered, Action.TRANSFER_DELIVERED)

    assert "2 times" in " ".join(_complaints(account))
    assert AuditEvent.objects.count() == 4
