"""Files that wait to be sent: kept once, sent once, and erased when nobody does."""

import io
import os
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from exchange.errors import SubmissionError
from exchange.models import Account, Payload, Transfer, Upload
from exchange.models.transfer import State
from exchange.services import reviewing, uploads
from exchange.services.decisions import cancel
from exchange.services.retention import erase_abandoned_uploads, sweep_store
from exchange.services.submission import Draft, Submitter, submit_upload
from exchange.services.uploads import (
    UPLOAD_RETENTION,
    Parcel,
    discard,
    keep_upload,
    note_reasons,
)
from exchange.storage import payload_store
from exchange.tests.builders import make_account, make_delivered, make_transfer
from exchange.tests.wiring import ACTOR
from magda_portal.audit.models import AuditEvent
from magda_portal.tests.world import World

REASON = "MAGDA vroeg erom, zie ticket 12"


@pytest.fixture
def account(world: World) -> Account:
    return make_account(world.organisation)


@pytest.fixture
def parcel(world: World, account: Account) -> Parcel:
    return Parcel.of_form(uuid.uuid4(), account, world.clerk)


def keep(parcel: Parcel, name: str = "vraag.xml", content: bytes = b"<vraag/>") -> Upload:
    return keep_upload(parcel, name, io.BytesIO(content))


def draft_of(upload: Upload, **overrides: str) -> Draft:
    return Draft(upload.account, overrides.pop("name", upload.name), Submitter(ACTOR), **overrides)  # type: ignore[arg-type]  # reasons only


def content_of(upload: Upload) -> bytes:
    with payload_store().open(upload.pk) as content:
        return content.read()


def test_an_upload_becomes_the_content_of_its_transfer(parcel: Parcel) -> None:
    upload = keep(parcel)

    transfer = submit_upload(draft_of(upload), upload)

    upload.refresh_from_db()
    assert upload.state == Upload.State.SENT
    assert (transfer.payload_id, transfer.submission) == (upload.pk, upload.pk)
    assert (transfer.size, transfer.sha256) == (8, upload.sha256)
    assert transfer.state == State.QUEUED


def test_an_upload_is_sent_once_whatever_name_the_second_gives(parcel: Parcel) -> None:
    upload = keep(parcel)

    first = submit_upload(draft_of(upload), upload)
    second = submit_upload(draft_of(upload, name="anders.xml"), upload)

    assert first == second
    assert Transfer.objects.count() == 1


def test_an_upload_is_not_sent_again_after_its_transfer_was_cancelled(parcel: Parcel) -> None:
    """A page that was left open must not send what somebody stopped."""
    upload = keep(parcel)
    transfer = submit_upload(draft_of(upload), upload)
    cancel(transfer, actor=ACTOR)

    assert submit_upload(draft_of(upload), upload) == transfer
    assert Transfer.objects.count() == 1


def test_a_refusal_leaves_the_upload_waiting(parcel: Parcel, account: Account) -> None:
    make_transfer(account, name="vraag.xml")
    upload = keep(parcel)

    with pytest.raises(SubmissionError) as refusal:
        submit_upload(draft_of(upload), upload)

    assert refusal.value.code == "name.in_progress"
    upload.refresh_from_db()
    assert upload.state == Upload.State.WAITING
    assert content_of(upload) == b"<vraag/>"
    assert not Payload.objects.filter(pk=upload.pk).exists()
    assert submit_upload(draft_of(upload, name="vrij.xml"), upload).state == State.QUEUED


def test_an_upload_that_was_removed_is_not_sent(parcel: Parcel) -> None:
    upload = keep(parcel)
    assert discard(upload, actor=ACTOR)

    with pytest.raises(SubmissionError) as refusal:
        submit_upload(draft_of(upload), upload)

    assert refusal.value.code == "upload.gone"
    assert not Transfer.objects.exists()


def test_an_upload_whose_row_alone_is_gone_is_not_sent(parcel: Parcel) -> None:
    """Between reading the file and queueing it somebody may remove it."""
    upload = keep(parcel)
    Upload.objects.all().delete()

    with pytest.raises(SubmissionError) as refusal:
        submit_upload(draft_of(upload), upload)

    assert refusal.value.code == "upload.gone"
    assert not Payload.objects.exists()


def test_what_was_sent_can_not_be_removed(parcel: Parcel) -> None:
    upload = keep(parcel)
    submit_upload(draft_of(upload), upload)

    assert not discard(upload, actor=ACTOR)
    assert content_of(upload) == b"<vraag/>"
    assert not AuditEvent.objects.filter(action="upload.discarded").exists()


def test_a_file_is_removed_once(parcel: Parcel) -> None:
    upload = keep(parcel)

    assert discard(upload, actor=ACTOR)
    assert not discard(upload, actor=ACTOR)
    assert AuditEvent.objects.filter(action="upload.discarded").count() == 1


def test_the_same_file_in_a_parcel_is_kept_once(parcel: Parcel) -> None:
    first, second = keep(parcel), keep(parcel)

    assert first == second
    assert AuditEvent.objects.filter(action="upload.kept").count() == 1


def test_the_same_file_that_was_sent_is_not_kept_again(parcel: Parcel) -> None:
    """The reload of a page whose files were sent leads to what became of them."""
    first = keep(parcel)
    submit_upload(draft_of(first), first)

    assert keep(parcel) == first


def test_other_content_or_another_name_is_another_file(parcel: Parcel) -> None:
    keep(parcel)
    keep(parcel, content=b"<ander/>")
    keep(parcel, name="ander.xml")

    assert Upload.objects.count() == 3


def test_a_parcel_takes_so_many_files_and_no_more(
    parcel: Parcel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MAX_FILES", 2)
    keep(parcel, "a.xml")
    sent = keep(parcel, "b.xml")

    with pytest.raises(SubmissionError) as refusal:
        keep(parcel, "c.xml")

    assert refusal.value.code == "upload.too_many"
    submit_upload(draft_of(sent), sent)
    assert keep(parcel, "c.xml").state == Upload.State.WAITING


def test_a_reason_for_warnings_is_asked_by_the_service_too(parcel: Parcel, world: World) -> None:
    upload = keep(parcel)
    finding = {"code": "check.name", "severity": "WARNING", "lines": [], "count": 1, "subject": ""}
    Upload.objects.update(findings=[finding])
    (row,) = reviewing.review(parcel.id, world.clerk, now=timezone.now())

    with pytest.raises(SubmissionError) as refusal:
        reviewing.send(row, Submitter(ACTOR), resend_reason="", overrule_reason="zomaar")

    assert refusal.value.code == "transfer.reason_short"
    sent = reviewing.send(row, Submitter(ACTOR), resend_reason="", overrule_reason=REASON)
    assert (sent.submission, sent.overruled) == (upload.pk, ["check.name"])


def test_an_error_can_not_be_overruled(parcel: Parcel, world: World) -> None:
    keep(parcel)
    finding = {"code": "xml.doctype", "severity": "ERROR", "lines": [], "count": 1, "subject": ""}
    Upload.objects.update(findings=[finding])
    (row,) = reviewing.review(parcel.id, world.clerk, now=timezone.now())

    with pytest.raises(SubmissionError) as refusal:
        reviewing.send(row, Submitter(ACTOR), resend_reason=REASON, overrule_reason=REASON)

    assert refusal.value.code == "xml.doctype"


def test_reasons_that_were_typed_are_kept_until_it_is_sent(
    parcel: Parcel, account: Account
) -> None:
    make_delivered(account, name="vraag.xml")
    upload = keep(parcel)

    note_reasons(upload, resend_reason=REASON, overrule_reason="")

    upload.refresh_from_db()
    assert upload.resend_reason == REASON
    submit_upload(draft_of(upload, resend_reason=REASON), upload)
    note_reasons(upload, resend_reason="later", overrule_reason="")
    upload.refresh_from_db()
    assert upload.resend_reason == REASON


def test_what_nobody_sent_is_erased_a_day_after_it_was_last_touched(parcel: Parcel) -> None:
    old, young, sent = keep(parcel, "oud.xml"), keep(parcel, "jong.xml"), keep(parcel, "weg.xml")
    submit_upload(draft_of(sent), sent)
    now = timezone.now()
    Upload.objects.exclude(pk=young.pk).update(touched_at=now - UPLOAD_RETENTION)

    erased = erase_abandoned_uploads(now=now + timedelta(seconds=1))

    assert erased == 2
    assert Upload.objects.get() == young
    assert payload_store().size_of(old.pk) is None
    assert payload_store().size_of(sent.pk) == 8
    event = AuditEvent.objects.get(action="upload.erased")
    assert (event.subject_text, event.actor_id) == ("oud.xml", "")


def test_the_sweep_of_the_store_leaves_what_waits(parcel: Parcel) -> None:
    upload = keep(parcel)
    sent = keep(parcel, "b.xml")
    submit_upload(draft_of(sent), sent)
    for row in (upload, sent):
        (path,) = payload_store().root.glob(f"??/{row.pk}")
        os.utime(path, (0, 0))
    # As if it were sent between the two questions that the sweep asks.
    Payload.objects.filter(pk=sent.pk).update(erased_at=timezone.now())

    sweep_store()

    assert content_of(upload) == b"<vraag/>"
    assert content_of(sent) == b"<vraag/>"
