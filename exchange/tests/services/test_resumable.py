"""What comes in over several requests is the file that was sent, whatever happens between."""

import fcntl
import hashlib
import os
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from exchange.errors import SubmissionError
from exchange.models import Account, Upload
from exchange.services import appending
from exchange.services.appending import append
from exchange.services.resumable import Announced, begin, settled
from exchange.services.retention import erase_abandoned_uploads, sweep_store
from exchange.services.uploads import UPLOAD_RETENTION, Parcel, discard, keep_upload
from exchange.storage import (
    FileBusyError,
    PayloadMissingError,
    PayloadStore,
    payload_store,
)
from exchange.tests.builders import make_account
from exchange.tests.wiring import ACTOR
from magda_portal.tests.world import World

CONTENT = b"<vraag>" + bytes(range(65, 91)) * 40 + b"</vraag>"
HALF = len(CONTENT) // 2


class ProcessEndedError(Exception):
    """Stands for a process that ends in the middle of a request."""


@pytest.fixture
def account(world: World) -> Account:
    return make_account(world.organisation)


@pytest.fixture
def parcel(world: World, account: Account) -> Parcel:
    return Parcel.of_form(uuid.uuid4(), account, world.clerk)


@pytest.fixture
def upload(parcel: Parcel) -> Upload:
    return begin(parcel, Announced("vraag.xml", len(CONTENT)))


def part_of(upload: Upload) -> Path:
    (path,) = payload_store().root.glob(f"??/{upload.pk}.part")
    return path


def send(upload: Upload, content: bytes, *, offset: int) -> Upload:
    return append(upload, [content], offset=offset, size=len(content))


def code_of(refusal: pytest.ExceptionInfo[SubmissionError]) -> str:
    return refusal.value.code


def assert_kept(upload: Upload, content: bytes = CONTENT) -> None:
    upload.refresh_from_db()
    assert upload.state == Upload.State.WAITING
    assert (upload.received, upload.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    with payload_store().open(upload.pk) as kept:
        assert kept.read() == content


def ends_after(content: bytes) -> Iterator[bytes]:
    yield content
    raise ProcessEndedError


def test_a_body_that_ends_early_is_kept_as_far_as_it_came(upload: Upload) -> None:
    """The web server hands on what came, without a word about what did not."""
    stands = append(upload, [CONTENT[:HALF]], offset=0, size=len(CONTENT))

    assert stands.received == HALF
    assert settled(upload).received == HALF
    send(upload, CONTENT[HALF:], offset=HALF)
    assert_kept(upload)


def test_what_was_not_acknowledged_is_dropped_before_more_is_appended(upload: Upload) -> None:
    send(upload, CONTENT[:10], offset=0)
    with pytest.raises(ProcessEndedError):
        append(upload, ends_after(b"?" * 500), offset=10, size=500)
    assert part_of(upload).stat().st_size == 510

    append(upload, [], offset=10, size=0)

    assert part_of(upload).stat().st_size == 10
    send(upload, CONTENT[10:], offset=10)
    assert_kept(upload)


def test_what_another_hand_put_behind_the_end_is_not_kept(upload: Upload) -> None:
    with part_of(upload).open("ab") as behind:
        behind.write(b"!" * (len(CONTENT) + 100))

    send(upload, CONTENT, offset=0)

    assert_kept(upload)


def test_nothing_is_acknowledged_before_it_is_durable(
    upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut after the acknowledgement would leave less than the client was told of."""
    seen: list[tuple[int, int]] = []
    real = os.fsync

    def watched(descriptor: int) -> None:
        row = Upload.objects.get(pk=upload.pk)
        seen.append((os.fstat(descriptor).st_size, row.received))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    send(upload, CONTENT[:HALF], offset=0)

    assert seen == [(HALF, 0)]
    assert Upload.objects.get(pk=upload.pk).received == HALF


def test_a_disk_that_can_not_make_it_durable_acknowledges_nothing(
    upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", broken)
        with pytest.raises(SubmissionError) as refusal:
            send(upload, CONTENT[:HALF], offset=0)

    assert code_of(refusal) == "storage.full"
    assert settled(upload).received == 0
    send(upload, CONTENT, offset=0)
    assert_kept(upload)


def test_a_long_part_is_acknowledged_while_it_comes(
    upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appending, "_SYNC_EVERY", 100)

    with pytest.raises(ProcessEndedError):
        append(upload, ends_after(CONTENT[:150]), offset=0, size=len(CONTENT))

    assert settled(upload).received == 150


def test_a_request_that_hangs_writes_nothing_after_another_took_over(upload: Upload) -> None:
    def hangs() -> Iterator[bytes]:
        yield CONTENT[:10]
        send(upload, CONTENT[:HALF], offset=0)
        # Bytes of another file, as it may have been changed meanwhile.
        yield b"?" * 20

    with pytest.raises(SubmissionError) as refusal:
        append(upload, hangs(), offset=0, size=30)

    assert code_of(refusal) == "upload.offset"
    assert settled(upload).received == HALF
    send(upload, CONTENT[HALF:], offset=HALF)
    assert_kept(upload)


def test_a_request_that_hangs_does_not_end_what_another_ended(upload: Upload) -> None:
    def hangs() -> Iterator[bytes]:
        yield CONTENT[:10]
        send(upload, CONTENT, offset=0)

    with pytest.raises(SubmissionError) as refusal:
        append(upload, hangs(), offset=0, size=len(CONTENT))

    assert code_of(refusal) == "upload.offset"
    assert_kept(upload)


def test_a_request_whose_upload_was_removed_meanwhile_writes_nothing(upload: Upload) -> None:
    def hangs() -> Iterator[bytes]:
        yield CONTENT[:10]
        discard(upload, actor=ACTOR)
        yield CONTENT[10:]

    with pytest.raises(SubmissionError) as refusal:
        append(upload, hangs(), offset=0, size=len(CONTENT))

    assert code_of(refusal) == "upload.offset"
    assert not Upload.objects.exists()
    assert list(payload_store().root.glob(f"??/{upload.pk}*")) == []


def test_pieces_that_are_more_than_was_announced_are_refused(upload: Upload) -> None:
    """Whatever size the request said that it has."""
    with pytest.raises(SubmissionError) as refusal:
        append(upload, [CONTENT, b"!"], offset=0, size=len(CONTENT))

    assert code_of(refusal) == "upload.overrun"
    assert settled(upload).received == 0


def test_while_the_whole_file_is_checked_nobody_else_is_told_anything(upload: Upload) -> None:
    send(upload, CONTENT[:HALF], offset=0)

    with part_of(upload).open("rb") as checked:
        fcntl.flock(checked, fcntl.LOCK_EX)
        with pytest.raises(SubmissionError) as asked:
            settled(upload)
        with pytest.raises(SubmissionError) as sent:
            send(upload, CONTENT[HALF:], offset=HALF)

    assert (code_of(asked), code_of(sent)) == ("upload.busy", "upload.busy")
    send(upload, CONTENT[HALF:], offset=HALF)
    assert_kept(upload)


def test_a_crash_between_the_final_name_and_the_row_costs_nothing(upload: Upload) -> None:
    send(upload, CONTENT[:HALF], offset=0)
    with part_of(upload).open("ab") as part:
        part.write(CONTENT[HALF:])
    part_of(upload).rename(part_of(upload).with_suffix(""))

    assert settled(upload).received == HALF
    send(upload, CONTENT[HALF:], offset=HALF)

    assert_kept(upload)


def test_a_file_that_is_shorter_than_was_acknowledged_is_given_up(upload: Upload) -> None:
    send(upload, CONTENT[:HALF], offset=0)
    os.truncate(part_of(upload), 5)

    with pytest.raises(SubmissionError) as refusal:
        send(upload, CONTENT[HALF:], offset=HALF)

    assert code_of(refusal) == "upload.gone"
    assert not Upload.objects.exists()
    assert list(payload_store().root.glob(f"??/{upload.pk}*")) == []


def test_the_same_file_that_came_in_a_form_stays_the_only_one(
    upload: Upload, parcel: Parcel, tmp_path: Path
) -> None:
    whole = tmp_path / "vraag.xml"
    whole.write_bytes(CONTENT)
    with whole.open("rb") as content:
        first = keep_upload(parcel, "vraag.xml", content)

    assert send(upload, CONTENT, offset=0) == first
    assert Upload.objects.get() == first
    assert payload_store().size_of(upload.pk) is None


def test_what_was_begun_and_left_is_erased_a_day_after_it_was_last_touched(
    upload: Upload, parcel: Parcel
) -> None:
    young = begin(parcel, Announced("jong.xml", 10))
    send(upload, CONTENT[:HALF], offset=0)
    now = timezone.now()
    Upload.objects.filter(pk=upload.pk).update(touched_at=now - UPLOAD_RETENTION)

    assert erase_abandoned_uploads(now=now + timedelta(seconds=1)) == 1

    assert Upload.objects.get() == young
    assert part_of(young).exists()
    assert list(payload_store().root.glob(f"??/{upload.pk}*")) == []


def test_a_part_without_a_row_is_swept(upload: Upload) -> None:
    part = part_of(upload)
    Upload.objects.all().delete()
    os.utime(part, (0, 0))

    sweep_store()

    assert not part.exists()


def test_the_store_does_not_follow_a_link_in_the_place_of_a_part(tmp_path: Path) -> None:
    store = PayloadStore(tmp_path)
    file_id = store.begin()
    (part,) = tmp_path.glob("??/*.part")
    target = tmp_path / "target"
    target.write_bytes(b"left alone")
    part.unlink()
    part.symlink_to(target)

    with pytest.raises(OSError, match="symbolic"):
        store.partial(file_id)
    assert target.read_bytes() == b"left alone"


def test_one_at_a_time_holds_a_part(tmp_path: Path) -> None:
    store = PayloadStore(tmp_path)
    file_id = store.begin()

    with store.partial(file_id) as first, store.partial(file_id) as second:
        with first.locked(), pytest.raises(FileBusyError), second.locked():
            pass
        with second.locked():
            pass


def test_a_part_that_was_never_begun_can_not_be_opened(tmp_path: Path) -> None:
    with pytest.raises(PayloadMissingError):
        PayloadStore(tmp_path).partial(uuid.uuid4())
