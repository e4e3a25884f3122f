"""Sending a request, and every bad input."""

import re
import uuid
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from exchange.advice import advice_for
from exchange.models import Account, Payload, Transfer
from exchange.models.transfer import Direction, State
from exchange.tests.builders import make_account, make_delivered, make_transfer
from magda_portal.audit.models import AuditEvent
from magda_portal.tests.small_disk import fill, make_room, small_disk
from magda_portal.tests.world import Visitor, World

XML = b"<?xml version='1.0'?><vraag/>"


@pytest.fixture(autouse=True)
def store(tmp_path: Path, settings: Settings) -> Path:
    settings.PAYLOAD_DIR = tmp_path
    return tmp_path


def form(
    account: Account, *, content: bytes = XML, filename: str = "vraag.xml", **fields: object
) -> dict[str, Any]:
    """Return what a browser would send; the order of the fields is the form's."""
    return {
        "account": str(account.pk),
        "file": SimpleUploadedFile(filename, content),
        "name": "",
        "resend_reason": "",
        "submission": str(uuid.uuid4()),
        "complete": "1",
        **fields,
    }


def send(world: World, data: dict[str, Any]) -> Any:
    return world.browser(Visitor.CLERK).post(reverse("send"), data)


def assert_refused(response: Any, code: str, store: Path, *, status: int = 422) -> None:
    assert response.status_code == status
    assert str(advice_for(code).what) in unescape(response.text)
    assert not Transfer.objects.exists()
    assert not Payload.objects.exists()
    assert [path for path in store.rglob("*") if path.is_file()] == []


def test_a_clerk_sends_a_file_and_lands_on_its_page(world: World, account: Account) -> None:
    response = send(world, form(account))

    transfer = Transfer.objects.get()
    assert response["Location"] == reverse("transfer_show", args=[transfer.pk])
    assert (transfer.final_name, transfer.state) == ("vraag.xml", State.QUEUED)
    assert (transfer.person, transfer.account) == (world.clerk, account)
    event = AuditEvent.objects.get(action="transfer.submitted")
    assert event.actor_id == str(world.clerk.pk)


def test_the_page_offers_only_accounts_that_work_and_are_the_clerks(
    world: World, account: Account
) -> None:
    suspended = make_account(world.organisation, common_name="stil", state=Account.State.SUSPENDED)
    foreign = make_account(world.elsewhere, common_name="elders")

    page = world.browser(Visitor.CLERK).get(reverse("send")).text

    assert str(account.pk) in page
    assert str(suspended.pk) not in page
    assert str(foreign.pk) not in page


def test_an_only_account_is_chosen_already(world: World, account: Account) -> None:
    page = world.browser(Visitor.CLERK).get(reverse("send")).text

    assert f'<option value="{account.pk}" selected>' in page


def test_without_an_account_the_page_says_so(world: World) -> None:
    page = world.browser(Visitor.CLERK).get(reverse("send")).text

    assert "None of your organisations has an account" in page


@pytest.mark.parametrize(
    ("visitor", "status"),
    [
        (Visitor.ANONYMOUS, 302),
        (Visitor.ADMINISTRATOR, 403),
        (Visitor.HELPDESK, 403),
        (Visitor.STRANGER, 422),
    ],
)
def test_nobody_else_sends(world: World, account: Account, visitor: Visitor, status: int) -> None:
    response = world.browser(visitor).post(reverse("send"), form(account))

    assert response.status_code == status
    assert not Transfer.objects.exists()


def test_a_double_click_lands_on_the_first_transfer(world: World, account: Account) -> None:
    submission = str(uuid.uuid4())

    first = send(world, form(account, submission=submission))
    second = send(world, form(account, submission=submission))

    assert first["Location"] == second["Location"]
    assert Transfer.objects.count() == 1


def test_a_given_name_goes_before_the_files_own(world: World, account: Account) -> None:
    send(world, form(account, name="pub_geef_20260101.xml"))

    assert Transfer.objects.get().final_name == "pub_geef_20260101.xml"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("map/vraag.xml", "name.separator"),
        ("map\\vraag.xml", "name.separator"),
        ("vraag\x07.xml", "name.control_character"),
        ("vraag\n.xml", "name.control_character"),
        ("vraag\u202e.xml", "name.control_character"),
        (".vraag.xml", "name.dots"),
        ("vraag.xml.tmp", "name.temporary_suffix"),
        ("é" * 101 + ".xml", "name.too_long"),
    ],
)
def test_a_name_that_does_harm_is_refused(
    world: World, account: Account, store: Path, name: str, code: str
) -> None:
    assert_refused(send(world, form(account, name=name)), code, store)


def test_a_files_own_name_is_checked_too(world: World, account: Account, store: Path) -> None:
    response = send(world, form(account, filename="x" * 201 + ".xml"))

    assert_refused(response, "name.too_long", store)


def test_an_empty_file_is_refused(world: World, account: Account, store: Path) -> None:
    assert_refused(send(world, form(account, content=b"")), "upload.empty", store)


def test_no_file_at_all_is_refused(world: World, account: Account, store: Path) -> None:
    data = form(account)
    del data["file"]

    response = send(world, data)

    assert response.status_code == 422
    assert "This field is required." in response.text


def test_a_file_over_the_limit_is_refused(
    world: World, account: Account, store: Path, settings: Settings
) -> None:
    settings.UPLOAD_LIMIT = 10

    assert_refused(send(world, form(account)), "upload.too_large", store)


def test_a_body_far_over_the_limit_is_refused_before_it_is_read(
    world: World, account: Account, store: Path, settings: Settings
) -> None:
    """The announced length is enough: nothing of the body is there to be read here."""
    response = world.browser(Visitor.CLERK).generic(
        "POST",
        reverse("send"),
        b"",
        MULTIPART_CONTENT,
        CONTENT_LENGTH=str(settings.UPLOAD_LIMIT + 2 * 1024**2),
    )

    assert_refused(response, "upload.too_large", store, status=413)


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9])
def test_a_body_that_was_cut_short_is_refused(
    world: World, account: Account, store: Path, kept: float
) -> None:
    """The web server hands on what came, without a word about what did not."""
    body = encode_multipart(BOUNDARY, form(account, content=XML * 1000))
    # Everything before the file and this share of the rest.
    start = body.index(XML)
    cut = body[: start + int((len(body) - start) * kept)]

    response = world.browser(Visitor.CLERK).generic("POST", reverse("send"), cut, MULTIPART_CONTENT)

    assert_refused(response, "upload.incomplete", store, status=400)


def test_a_body_that_ends_right_behind_the_file_is_refused(
    world: World, account: Account, store: Path
) -> None:
    body = encode_multipart(BOUNDARY, form(account))
    cut = body[: body.index(b'name="complete"')]

    response = world.browser(Visitor.CLERK).generic("POST", reverse("send"), cut, MULTIPART_CONTENT)

    assert_refused(response, "upload.incomplete", store, status=400)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"dit is geen XML", "xml.not_well_formed"),
        (b"<vraag>", "xml.not_well_formed"),
        (b"<!DOCTYPE vraag [<!ENTITY a 'b'>]><vraag>&a;</vraag>", "xml.doctype"),
    ],
)
def test_an_account_that_expects_xml_refuses_other_files(
    world: World, store: Path, content: bytes, code: str
) -> None:
    account = make_account(world.organisation, expects_xml=True)

    assert_refused(send(world, form(account, content=content)), code, store)


def test_a_name_on_its_way_is_refused(world: World, account: Account) -> None:
    make_transfer(account, name="vraag.xml")

    response = send(world, form(account))

    assert response.status_code == 422
    assert str(advice_for("name.in_progress").what) in response.text
    assert Transfer.objects.count() == 1


def test_a_delivered_name_asks_for_a_reason_and_goes_with_one(
    world: World, account: Account
) -> None:
    earlier = make_delivered(account, name="vraag.xml")
    hidden = world.browser(Visitor.CLERK).get(reverse("send")).text
    assert re.search(r'<input type="hidden" name="resend_reason"', hidden)

    asked = send(world, form(account))

    assert asked.status_code == 422
    assert re.search(r'<input type="text" name="resend_reason"', asked.text)
    assert str(advice_for("name.held").what) in asked.text
    assert "10 to 300 characters" in asked.text
    assert "a second consultation" in asked.text
    assert "a second consultation" not in hidden

    short = send(world, form(account, resend_reason="x"))

    assert short.status_code == 422
    assert str(advice_for("transfer.reason_length").what) in short.text

    send(world, form(account, resend_reason="MAGDA vroeg erom"))

    again = Transfer.objects.get(direction=Direction.DELIVERY, state=State.QUEUED)
    assert (again.resends, again.resend_reason) == (earlier, "MAGDA vroeg erom")


def test_an_account_suspended_meanwhile_is_refused(world: World, account: Account) -> None:
    data = form(account)
    Account.objects.filter(pk=account.pk).update(state=Account.State.SUSPENDED)

    response = send(world, data)

    assert response.status_code == 422
    assert not Transfer.objects.exists()


def test_the_form_of_another_site_is_refused(world: World, account: Account) -> None:
    response = world.strict_browser(Visitor.CLERK).post(reverse("send"), form(account))

    assert response.status_code == 403
    assert not Transfer.objects.exists()


def test_the_pages_own_token_is_accepted(world: World, account: Account) -> None:
    browser = world.strict_browser(Visitor.CLERK)
    found = re.search(
        r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get(reverse("send")).text
    )
    assert found

    response = browser.post(reverse("send"), form(account, csrfmiddlewaretoken=found[1]))

    assert response.status_code == 302


def test_the_end_mark_is_the_last_field_of_the_form(world: World, account: Account) -> None:
    page = world.browser(Visitor.CLERK).get(reverse("send")).text

    sending = page[page.index('enctype="multipart/form-data"') :]
    names = re.findall(r'name="(\w+)"', sending[: sending.index("</form>")])
    assert (names[0], names[-1]) == ("csrfmiddlewaretoken", "complete")


def test_a_worker_is_woken_once_the_transfer_is_committed(
    world: World, account: Account, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        response = send(world, form(account))

    assert response.status_code == 302
    assert len(callbacks) == 1


def test_a_store_that_is_full_is_said_with_its_own_status(
    world: World, account: Account, settings: Settings, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", megabytes=2) as disk:
        settings.PAYLOAD_DIR = disk
        settings.STORAGE_RESERVE_MB = 0
        fill(disk)

        response = send(world, form(account))

        make_room(disk)
        assert_refused(response, "storage.full", disk, status=507)


def test_a_store_with_only_its_reserve_left_refuses_before_the_file_is_read(
    world: World, account: Account, settings: Settings, store: Path
) -> None:
    settings.STORAGE_RESERVE_MB = 10**9

    response = send(world, form(account))

    assert_refused(response, "storage.reserved", store, status=507)
    assert world.browser(Visitor.CLERK).get(reverse("send")).status_code == 200


@pytest.mark.parametrize("kept", [0.2, 0.9])
def test_a_file_that_was_cut_short_behind_the_other_fields_is_refused(
    world: World, account: Account, store: Path, kept: float
) -> None:
    """A program may send the fields in its own order, the file last."""
    data = form(account, content=XML * 1000)
    data["file"] = data.pop("file")
    body = encode_multipart(BOUNDARY, data)
    start = body.index(XML)
    cut = body[: start + int((len(body) - start) * kept)]

    response = world.browser(Visitor.CLERK).generic("POST", reverse("send"), cut, MULTIPART_CONTENT)

    assert_refused(response, "upload.incomplete", store, status=400)


@pytest.mark.parametrize("state", [State.QUEUED, State.UNCERTAIN, State.DONE])
def test_a_name_that_is_not_free_leads_to_the_transfer_that_has_it(
    world: World, account: Account, state: State
) -> None:
    other = make_transfer(account, name="vraag.xml", state=state, finished_at=timezone.now())

    page = send(world, form(account)).text

    assert f'<a href="{reverse("transfer_show", args=[other.pk])}">#{other.pk}</a>' in page
    assert "Under this name:" not in send(world, form(account, name="nieuw/.xml")).text
