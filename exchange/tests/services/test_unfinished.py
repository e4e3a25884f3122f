"""What was begun and is not whole takes no more room than there is, and for a day at most."""

import errno
import os
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from exchange.errors import SubmissionError
from exchange.models import Account, Upload
from exchange.services import unfinished
from exchange.services.appending import append
from exchange.services.resumable import Announced, begin, settled
from exchange.services.unfinished import MAX_BEGUN, MOST_AT_ONCE
from exchange.services.uploads import UPLOAD_RETENTION, Parcel
from exchange.storage import payload_store
from exchange.tests.builders import make_account
from magda_portal.audit.models import AuditEvent
from magda_portal.tests.small_disk import fill, make_room, small_disk
from magda_portal.tests.world import World

MEGABYTE = 1024**2
LARGE = b"x" * 9 * MEGABYTE
"""More than the store keeps of a part when the disk is full."""


@pytest.fixture
def account(world: World) -> Account:
    return make_account(world.organisation)


@pytest.fixture
def parcel(world: World, account: Account) -> Parcel:
    return Parcel.of_form(uuid.uuid4(), account, world.clerk)


@pytest.fixture
def disk(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", megabytes=24) as mounted:
        settings.PAYLOAD_DIR = mounted
        settings.STORAGE_RESERVE_MB = 1
        yield mounted


def announced(length: int = 10) -> Announced:
    return Announced(f"{uuid.uuid4()}.xml", length)


def send(upload: Upload, content: bytes, *, offset: int) -> Upload:
    return append(upload, [content], offset=offset, size=len(content))


def refusal_of_begin(parcel: Parcel, length: int = 10) -> str:
    with pytest.raises(SubmissionError) as refusal:
        begin(parcel, announced(length))
    return refusal.value.code


def parts_on(disk: Path) -> list[int]:
    return [path.stat().st_size for path in disk.glob("??/*.part")]


def test_one_person_has_so_many_files_under_way_and_no_more(
    parcel: Parcel, world: World, account: Account
) -> None:
    for _ in range(MAX_BEGUN):
        begin(parcel, announced())

    assert refusal_of_begin(parcel) == "upload.too_many_begun"
    other_form = Parcel.of_form(uuid.uuid4(), account, world.clerk)
    assert refusal_of_begin(other_form) == "upload.too_many_begun"
    begin(Parcel.of_form(uuid.uuid4(), account, world.stranger), announced())


def test_one_person_has_so_many_bytes_under_way_and_no_more(
    parcel: Parcel, settings: Settings
) -> None:
    settings.UPLOAD_LIMIT = 1000
    for _ in range(MOST_AT_ONCE):
        begin(parcel, announced(1000))

    assert refusal_of_begin(parcel, 1) == "upload.too_many_begun"


def test_an_announcement_of_which_nothing_comes_counts_for_an_hour(
    parcel: Parcel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unfinished, "MAX_BEGUN", 1)
    begin(parcel, announced())
    Upload.objects.update(touched_at=timezone.now() - timedelta(minutes=61))

    begin(parcel, announced())


def test_a_part_counts_until_it_expires(parcel: Parcel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unfinished, "MAX_BEGUN", 1)
    send(begin(parcel, announced()), b"x", offset=0)
    Upload.objects.update(touched_at=timezone.now() - timedelta(hours=23))

    assert refusal_of_begin(parcel) == "upload.too_many_begun"
    Upload.objects.update(touched_at=timezone.now() - UPLOAD_RETENTION)
    begin(parcel, announced())


def test_what_is_whole_is_not_under_way(parcel: Parcel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unfinished, "MAX_BEGUN", 1)
    send(begin(parcel, announced()), b"x" * 10, offset=0)

    begin(parcel, announced())


def test_the_room_of_what_was_begun_is_promised_to_it(
    disk: Path, parcel: Parcel, world: World, account: Account
) -> None:
    first = begin(parcel, announced(12 * MEGABYTE))
    others = Parcel.of_form(uuid.uuid4(), account, world.stranger)

    assert refusal_of_begin(others, 12 * MEGABYTE) == "storage.reserved"
    begin(others, announced(8 * MEGABYTE))
    # What came is on the disk, and is not promised twice.
    send(first, LARGE, offset=0)
    begin(others, announced(MEGABYTE))


def test_a_large_part_does_not_stay_on_a_disk_that_is_full(disk: Path, parcel: Parcel) -> None:
    upload = begin(parcel, announced(12 * MEGABYTE))
    send(upload, LARGE, offset=0)
    fill(disk)

    with pytest.raises(SubmissionError) as refusal:
        send(upload, b"x" * MEGABYTE, offset=len(LARGE))

    assert refusal.value.code == "storage.full"
    assert parts_on(disk) == []
    assert not Upload.objects.exists()
    assert AuditEvent.objects.filter(action="upload.erased").count() == 1


def test_a_small_part_goes_on_once_the_disk_has_room(disk: Path, parcel: Parcel) -> None:
    upload = begin(parcel, announced(100 + MEGABYTE))
    send(upload, b"x" * 100, offset=0)
    fill(disk, leaving=MEGABYTE + 512 * 1024)

    with pytest.raises(SubmissionError) as refusal:
        append(upload, [b"x" * 256 * 1024] * 4, offset=100, size=MEGABYTE)

    assert refusal.value.code == "storage.full"
    assert parts_on(disk) == [100]
    make_room(disk)
    assert settled(upload).received == 100
    assert send(upload, b"x" * MEGABYTE, offset=100).state == Upload.State.WAITING


def test_a_part_of_another_request_stays_when_this_one_meets_a_full_disk(parcel: Parcel) -> None:
    """It was taken over meanwhile, and may be whole by now."""
    upload = begin(parcel, announced(len(LARGE)))

    def meets_a_full_disk() -> Iterator[bytes]:
        yield b"x"
        send(upload, LARGE, offset=0)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(SubmissionError) as refusal:
        append(upload, meets_a_full_disk(), offset=0, size=2)

    assert refusal.value.code == "storage.full"
    assert payload_store().size_of(upload.pk) == len(LARGE)
    assert Upload.objects.get().state == Upload.State.WAITING


def test_a_request_that_brings_nothing_does_not_keep_a_part_longer(parcel: Parcel) -> None:
    upload = begin(parcel, announced())
    send(upload, b"x", offset=0)
    before = timezone.now() - timedelta(hours=23)
    Upload.objects.update(touched_at=before)

    assert append(upload, [], offset=1, size=0).touched_at == before
    assert send(upload, b"x", offset=1).touched_at > before
