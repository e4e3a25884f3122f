"""The page on which files are looked through: putting right, removing, coming back."""

import re
import uuid
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from pytest_django.fixtures import Settings

from exchange.advice import advice_for
from exchange.models import Account, Transfer, Upload
from exchange.services.uploads import check_again
from exchange.tests.builders import make_delivered, make_transfer
from exchange.tests.views.bringing import brought, files_of, filled, key, page_of, press, see
from magda_portal.audit.models import AuditEvent
from magda_portal.tests.world import Visitor, World

REASON = "MAGDA vroeg erom, zie ticket 12"


@pytest.fixture(autouse=True)
def store(tmp_path: Path, settings: Settings) -> Path:
    settings.PAYLOAD_DIR = tmp_path
    return tmp_path


def test_a_file_can_be_removed_and_what_was_typed_for_the_others_stays(
    world: World, account: Account, store: Path
) -> None:
    make_delivered(account, name="a.xml")
    uploads = brought(world, account, "a.xml", "b.xml")
    before = len(files_of(store))
    data = filled(*uploads, remove=str(uploads[1].pk), **{key("resend", uploads[0]): REASON})
    del data["send"]

    press(world, uploads[0], data)

    page = unescape(see(world, uploads[0]).text)
    assert Upload.objects.get() == uploads[0]
    assert len(files_of(store)) == before - 1
    assert REASON in page
    assert AuditEvent.objects.filter(action="upload.discarded").count() == 1
    assert Transfer.objects.count() == 1


def test_removing_the_last_file_leads_back_to_the_form(world: World, account: Account) -> None:
    (upload,) = brought(world, account, "vraag.xml")

    response = press(world, upload, {"remove": str(upload.pk)})

    assert response["Location"] == reverse("send")
    assert see(world, upload).status_code == 404


def test_a_file_that_was_sent_can_not_be_removed(
    world: World, account: Account, store: Path
) -> None:
    (upload,) = brought(world, account, "vraag.xml")
    press(world, upload, filled(upload))

    press(world, upload, {"remove": str(upload.pk)})

    assert Upload.objects.filter(pk=upload.pk).exists()
    assert len(files_of(store)) == 1


def test_somebody_elses_file_can_not_be_removed(world: World, account: Account) -> None:
    (mine,) = brought(world, account, "vraag.xml")
    (other,) = brought(world, account, "ander.xml")

    press(world, mine, {"remove": str(other.pk)})

    assert Upload.objects.filter(pk=other.pk).exists()


def test_a_name_that_is_put_right_is_checked_again_and_kept(world: World, account: Account) -> None:
    make_transfer(account, name="vraag.xml")
    (upload,) = brought(world, account, "vraag.xml")
    data = filled(upload, check="1", **{key("name", upload): "nieuw.xml"})

    response = press(world, upload, data)

    assert response["Location"] == page_of(upload)
    page = unescape(see(world, upload).text)
    assert str(advice_for("name.in_progress").what) not in page
    assert 'value="nieuw.xml"' in page
    assert Transfer.objects.count() == 1


def test_enter_in_a_field_checks_and_neither_sends_nor_removes(
    world: World, account: Account
) -> None:
    """Browsers press the first button of a form."""
    (upload,) = brought(world, account, "vraag.xml")

    page = see(world, upload).text

    review = page[page.index('class="review"') :]
    buttons = re.findall(r'<button type="submit" name="(\w+)"', review)
    assert buttons[0] == "check"


def test_a_page_that_is_too_old_keeps_what_was_typed(world: World, account: Account) -> None:
    (upload,) = brought(world, account, "vraag.xml")

    response = world.strict_browser(Visitor.CLERK).post(
        page_of(upload), filled(upload, **{key("name", upload): "getypt.xml"})
    )

    assert response.status_code == 403
    assert str(advice_for("review.page_too_old").what) in unescape(response.text)
    assert 'value="getypt.xml"' in response.text
    assert not Transfer.objects.exists()


def test_strange_names_are_shown_harmlessly(world: World, account: Account) -> None:
    (upload,) = brought(world, account, "vraag.xml")
    rows = Upload.objects.filter(pk=upload.pk)
    rows.update(file_name="omge\u202ekeerd.xml", name="<script>alert(1)</script>.xml")

    page = see(world, upload).text

    assert "<script>alert" not in page
    assert "\u202e" not in page
    assert "omge\\u202ekeerd.xml" in page


def test_a_sent_file_is_not_renamed_by_a_check_that_comes_late(
    world: World, account: Account
) -> None:
    (upload,) = brought(world, account, "vraag.xml")
    press(world, upload, filled(upload))

    check_again(upload, name="te-laat.xml")

    upload.refresh_from_db()
    assert upload.name == "vraag.xml"


def test_the_page_costs_the_same_queries_for_many_files(
    world: World, account: Account, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    names = [f"vraag-{number}.xml" for number in range(20)]
    for name in names[:10]:
        make_delivered(account, name=name)
    uploads = brought(world, account, *names)
    Upload.objects.filter(pk__in=[upload.pk for upload in uploads[:2]]).update(state="SENT")
    for upload in uploads[:2]:
        make_transfer(account, name=f"x-{upload.pk}", submission=upload.pk)
    browser = world.browser(Visitor.CLERK)

    with django_assert_max_num_queries(12):
        response = browser.get(page_of(uploads[0]))

    assert response.text.count('name="resend-') == 8


def test_a_name_under_which_nothing_is_delivered_is_told_at_the_check(
    world: World, account: Account
) -> None:
    (upload,) = brought(world, account, ".htaccess")

    page = unescape(see(world, upload).text)

    assert str(advice_for("name.dots").what) in page
    assert "can not be sent" in page
    # It is put right in the field below.
    assert f'name="{key("name", upload)}"' in page


def test_a_name_that_was_changed_as_it_came_in_is_told(world: World, account: Account) -> None:
    bring_raw(world, account, "map/<b>omge\u202ekeerd</b>.xml")

    upload = Upload.objects.get()
    page = unescape(see(world, upload).text)

    assert upload.name == "b>.xml"
    assert "name changed" in page
    assert r"map\x2f<b>omge\u202ekeerd<\x2fb>.xml" in page
    assert "\u202e" not in page


def test_a_name_that_was_chosen_here_is_no_longer_told_as_changed(
    world: World, account: Account
) -> None:
    bring_raw(world, account, "map/vraag.xml")
    upload = Upload.objects.get()

    press(world, upload, filled(upload, **{"check": "1", key("name", upload): "eigen.xml"}))

    assert "name changed" not in see(world, upload).text


def test_a_file_that_can_not_go_asks_for_no_other_name_or_reason(
    world: World, account: Account
) -> None:
    Account.objects.update(expects_xml=True)
    make_delivered(account, name="vraag.xml")
    (upload,) = brought(world, account, "vraag.xml", content=b"<r>")

    page = unescape(see(world, upload).text)

    assert "can not be sent" in page
    assert str(advice_for("name.held").next) not in page
    assert "a second consultation" not in page
    assert f'name="{key("name", upload)}"' not in page


def bring_raw(world: World, account: Account, name: str) -> None:
    """Send the form as a browser does that gives the name as it is; Django's client cleans it."""
    fields = {"submission": str(uuid.uuid4()), "account": str(account.pk)}
    parts = [
        f'--limit\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        for field, value in fields.items()
    ]
    parts.append(
        f'--limit\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: text/xml\r\n\r\n<vraag/>\r\n"
    )
    parts.append(
        '--limit\r\nContent-Disposition: form-data; name="complete"\r\n\r\n1\r\n--limit--\r\n'
    )
    world.browser(Visitor.CLERK).post(
        reverse("send"), "".join(parts).encode(), content_type="multipart/form-data; boundary=limit"
    )
