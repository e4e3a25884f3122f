"""Uploads over several requests, as a client of tus 1.0.0 meets them."""

import hashlib
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import parse_http_date
from pytest_django.fixtures import Settings

from exchange.advice import advice_for
from exchange.models import Account, Upload
from exchange.services.uploads import UPLOAD_RETENTION
from exchange.storage import payload_store
from exchange.tests.views.bringing import bring, form
from exchange.tests.views.tus.client import XML, TusClient, metadata
from magda_portal.audit.models import AuditEvent
from magda_portal.tests.world import World

HALF = len(XML) // 2


def content_of(upload: Upload) -> bytes:
    with payload_store().open(upload.pk) as content:
        return content.read()


def test_it_says_what_it_can_do(tus: TusClient, settings: Settings) -> None:
    response = tus.browser.options(reverse("upload_begin"))

    assert response.status_code == 204
    assert response["Tus-Resumable"] == "1.0.0"
    assert response["Tus-Version"] == "1.0.0"
    assert response["Tus-Extension"] == "creation,termination,expiration"
    assert response["Tus-Max-Size"] == str(settings.UPLOAD_LIMIT)


def test_a_file_comes_in_parts_and_waits_like_one_from_a_form(
    tus: TusClient, world: World, account: Account
) -> None:
    upload = tus.begun()

    first = tus.patch(upload, XML[:HALF], offset=0)
    told = tus.head(upload)
    last = tus.patch(upload, XML[HALF:], offset=HALF)

    assert (first.status_code, first["Upload-Offset"]) == (204, str(HALF))
    assert (told["Upload-Offset"], told["Upload-Length"]) == (str(HALF), str(len(XML)))
    assert told["Cache-Control"] == "no-store"
    assert "Upload-Review" not in told
    assert (last.status_code, last["Upload-Offset"]) == (204, str(len(XML)))
    upload.refresh_from_db()
    assert last["Upload-Review"] == reverse("send_review", args=[upload.parcel])
    assert (upload.state, upload.received) == (Upload.State.WAITING, len(XML))
    assert upload.sha256 == hashlib.sha256(XML).hexdigest()
    assert (upload.person, upload.account) == (world.clerk, account)
    assert content_of(upload) == XML
    assert tus.browser.get(last["Upload-Review"]).status_code == 200
    actions = AuditEvent.objects.filter(action__startswith="upload.").order_by("pk")
    assert [row.action for row in actions] == ["upload.begun", "upload.kept"]


def test_both_ways_find_the_same_in_a_file(tus: TusClient, world: World, account: Account) -> None:
    wrong = b"<vraag><open></vraag>"
    Account.objects.update(expects_xml=True)

    upload = tus.begun(wrong, name="a b.xml")
    tus.patch(upload, wrong, offset=0)
    bring(world, form(account, content=wrong, filename="a b.xml"))

    parts, whole = Upload.objects.order_by("created_at")
    assert parts.findings
    assert parts.findings == whole.findings
    assert (parts.file_name, parts.sha256) == (whole.file_name, whole.sha256)


@pytest.mark.parametrize(
    "name", ["vraag.xml", "map/vraag.xml", "C:\\map\\vraag.xml", "v\u202eraag.xml", "é" * 300]
)
def test_both_ways_clean_a_name_alike(
    tus: TusClient, world: World, account: Account, name: str
) -> None:
    tus.begun(name=name)
    bring(world, form(account, filename=name))

    first, second = Upload.objects.order_by("created_at")
    assert first.name == second.name
    assert "\u202e" not in first.name


def test_files_of_one_form_come_into_one_parcel_whichever_way(
    tus: TusClient, world: World, account: Account
) -> None:
    upload = tus.begun()
    bring(world, form(account, submission=str(tus.form), filename="ander.xml"))

    assert Upload.objects.exclude(pk=upload.pk).get().parcel == upload.parcel


def test_a_part_that_is_sent_at_another_place_is_refused(tus: TusClient) -> None:
    upload = tus.begun()
    tus.patch(upload, XML[:HALF], offset=0)

    again = tus.patch(upload, XML[:HALF], offset=0)
    ahead = tus.patch(upload, XML[HALF + 1 :], offset=HALF + 1)

    assert (again.status_code, ahead.status_code) == (409, 409)
    assert tus.head(upload)["Upload-Offset"] == str(HALF)


def test_what_is_whole_takes_nothing_more(tus: TusClient) -> None:
    upload = tus.begun()
    tus.patch(upload, XML, offset=0)

    assert tus.patch(upload, XML, offset=0).status_code == 409
    assert tus.patch(upload, b"x", offset=len(XML)).status_code == 413
    assert content_of(upload) == XML


def test_more_than_was_announced_is_refused(tus: TusClient) -> None:
    upload = tus.begun()

    response = tus.patch(upload, XML + b"!", offset=0)

    assert response.status_code == 413
    assert response.json() == {"errors": [str(advice_for("upload.overrun"))]}
    assert tus.head(upload)["Upload-Offset"] == "0"


def test_a_file_over_the_limit_is_refused_with_the_limit_in_words(
    tus: TusClient, settings: Settings
) -> None:
    settings.UPLOAD_LIMIT = 2 * 1024**2

    response = tus.begin(2 * 1024**2 + 1)

    assert response.status_code == 413
    assert "2.0\xa0MB" in " ".join(response.json()["errors"])
    assert not Upload.objects.exists()
    assert tus.begin(2 * 1024**2).status_code == 201


def test_an_empty_file_is_refused(tus: TusClient) -> None:
    response = tus.begin(0)

    assert response.status_code == 422
    assert response.json() == {"errors": [str(advice_for("upload.empty"))]}


def test_a_store_with_only_its_reserve_left_begins_nothing_and_keeps_nothing(
    tus: TusClient, settings: Settings
) -> None:
    upload = tus.begun()
    settings.STORAGE_RESERVE_MB = 10**9

    assert tus.begin(len(XML) + 1).status_code == 507
    assert tus.patch(upload, XML, offset=0).status_code == 507
    assert tus.head(upload)["Upload-Offset"] == "0"
    settings.STORAGE_RESERVE_MB = 0
    assert tus.patch(upload, XML, offset=0).status_code == 204


def test_an_upload_that_nobody_touched_for_a_day_is_gone(tus: TusClient) -> None:
    upload = tus.begun()
    response = tus.patch(upload, XML[:HALF], offset=0)
    expiry = parse_http_date(response["Upload-Expires"])
    assert abs(expiry - (timezone.now() + UPLOAD_RETENTION).timestamp()) < 60

    Upload.objects.update(touched_at=timezone.now() - UPLOAD_RETENTION - timedelta(seconds=1))

    assert tus.head(upload).status_code == 410
    assert tus.patch(upload, XML[HALF:], offset=HALF).status_code == 410
    upload.refresh_from_db()
    assert upload.received == HALF


def test_a_part_of_which_the_store_knows_nothing_is_gone_and_forgotten(
    tus: TusClient, store: Path
) -> None:
    upload = tus.begun()
    payload_store().erase(upload.pk)

    assert tus.patch(upload, XML, offset=0).status_code == 410
    assert tus.head(upload).status_code == 404


def test_an_upload_is_removed_with_what_came_of_it(tus: TusClient, store: Path) -> None:
    upload = tus.begun()
    tus.patch(upload, XML[:HALF], offset=0)

    assert tus.delete(upload).status_code == 204
    assert tus.delete(upload).status_code == 404
    assert [path for path in store.rglob("*") if path.is_file()] == []
    assert AuditEvent.objects.filter(action="upload.discarded").count() == 1


def test_an_answer_that_was_lost_does_not_leave_a_second_upload(tus: TusClient) -> None:
    assert tus.begun() == tus.begun()
    upload = tus.begun()
    tus.patch(upload, XML[:HALF], offset=0)
    assert tus.begun() != upload


def test_the_same_file_in_one_form_is_kept_once(tus: TusClient, store: Path) -> None:
    first, second = tus.begun(), None
    tus.patch(first, XML, offset=0)
    second = tus.begun()

    response = tus.patch(second, XML, offset=0)

    assert response.status_code == 204
    assert response["Upload-Review"] == reverse("send_review", args=[first.parcel])
    assert Upload.objects.get() == first
    assert len([path for path in store.rglob("*") if path.is_file()]) == 1


def test_a_form_takes_as_many_files_as_it_does_without_scripts(
    tus: TusClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exchange.services.uploads.MAX_FILES", 1)
    first, second = tus.begun(), tus.begun(name="tweede.xml")
    tus.patch(first, XML[:HALF], offset=0)

    response = tus.begin(5)
    part = tus.patch(second, XML, offset=0)

    assert response.status_code == 422
    assert response.json() == {"errors": [str(advice_for("upload.too_many"))]}
    assert part.status_code == 422


def test_what_was_only_announced_takes_no_place_in_its_form(
    tus: TusClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No page shows it, so nobody could remove it."""
    monkeypatch.setattr("exchange.services.uploads.MAX_FILES", 2)
    for number in range(3):
        tus.begun(name=f"deel-{number}.xml")

    assert tus.patch(tus.begun(), XML, offset=0).status_code == 204


def test_an_announcement_that_expired_is_not_handed_out_again(tus: TusClient) -> None:
    first = tus.begun()
    Upload.objects.update(touched_at=timezone.now() - UPLOAD_RETENTION)

    second = tus.begun()

    assert second != first
    assert tus.patch(second, XML, offset=0).status_code == 204


def test_a_part_goes_on_in_the_form_that_sends_the_rest(tus: TusClient, account: Account) -> None:
    """Somebody who comes back later has a new form, and looks all its files through together."""
    upload = tus.begun()
    tus.patch(upload, XML[:HALF], offset=0)
    later = TusClient(tus.browser, account)

    response = later.patch(upload, XML[HALF:], offset=HALF)

    other = later.begun(name="b.xml")
    upload.refresh_from_db()
    assert upload.parcel == other.parcel
    assert response["Upload-Review"] == reverse("send_review", args=[other.parcel])


def test_the_metadata_are_told_as_they_were_given(tus: TusClient, account: Account) -> None:
    upload = tus.begun(name="vraag é.xml")

    told = metadata(filename="vraag é.xml", account=str(account.pk), modified="17")
    assert tus.head(upload)["Upload-Metadata"] == told


@pytest.mark.parametrize(
    "headers",
    [
        {"upload-length": "-1"},
        {"upload-length": "a"},
        {"upload-length": ""},
        {"upload-length": "9" * 19},
        {"upload-metadata": ""},
        {"upload-metadata": "filename !"},
        {"upload-metadata": metadata(filename="..", account=str(uuid.uuid4()))},
        {"upload-metadata": metadata(filename="a.xml", account="x")},
        {"upload-form": "x"},
    ],
    ids=str,
)
def test_what_can_not_be_read_is_refused(tus: TusClient, headers: dict[str, str]) -> None:
    assert tus.begin(**headers).status_code == 400
    assert not Upload.objects.exists()


def test_another_version_and_another_kind_of_content_are_refused(tus: TusClient) -> None:
    upload = tus.begun()

    version = tus.patch(upload, XML, offset=0, **{"tus-resumable": "0.2.2"})
    kind = tus.patch(upload, XML, offset=0, kind="application/octet-stream")
    offset = tus.patch(upload, XML, offset="x")

    assert (version.status_code, version["Tus-Version"]) == (412, "1.0.0")
    assert (kind.status_code, offset.status_code) == (415, 400)
