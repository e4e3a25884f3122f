"""Bringing files to send, and every bad input."""

import re
import uuid
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse
from pytest_django.fixtures import Settings

from certificates.models import Environment
from exchange.advice import advice_for
from exchange.models import Account, Payload, Transfer, Upload
from exchange.tests.builders import make_account
from exchange.tests.views.bringing import XML, bring, form
from magda_portal.audit.models import AuditEvent
from magda_portal.tests.small_disk import fill, make_room, small_disk
from magda_portal.tests.world import Visitor, World


@pytest.fixture(autouse=True)
def store(tmp_path: Path, settings: Settings) -> Path:
    settings.PAYLOAD_DIR = tmp_path
    return tmp_path


def files_of(store: Path) -> list[Path]:
    return [path for path in store.rglob("*") if path.is_file()]


def assert_refused(response: Any, code: str, store: Path, *, status: int = 422) -> None:
    assert response.status_code == status
    assert str(advice_for(code).what) in unescape(response.text)
    assert not Upload.objects.exists()
    assert not Transfer.objects.exists()
    assert not Payload.objects.exists()
    assert files_of(store) == []


def test_a_file_is_kept_and_its_clerk_looks_it_through_before_it_leaves(
    world: World, account: Account, store: Path
) -> None:
    response = bring(world, form(account))

    upload = Upload.objects.get()
    assert response["Location"] == reverse("send_review", args=[upload.parcel])
    assert (upload.name, upload.state) == ("vraag.xml", Upload.State.WAITING)
    assert (upload.length, upload.received) == (len(XML), len(XML))
    assert (upload.person, upload.account) == (world.clerk, account)
    assert [path.read_bytes() for path in files_of(store)] == [XML]
    assert not Transfer.objects.exists()
    event = AuditEvent.objects.get(action="upload.kept")
    assert event.actor_id == str(world.clerk.pk)


def test_several_files_of_one_form_come_together(world: World, account: Account) -> None:
    files = [SimpleUploadedFile(f"vraag-{number}.xml", XML) for number in range(3)]

    bring(world, form(account, file=files))

    assert len(set(Upload.objects.values_list("parcel", flat=True))) == 1
    assert Upload.objects.count() == 3


def test_the_page_offers_only_accounts_that_work_and_are_the_clerks(
    world: World, account: Account
) -> None:
    suspended = make_account(world.organisation, common_name="stil", state=Account.State.SUSPENDED)
    foreign = make_account(world.elsewhere, common_name="elders")

    page = world.browser(Visitor.CLERK).get(reverse("send")).text

    assert str(account.pk) in page
    assert str(suspended.pk) not in page
    assert f'value="{foreign.pk}"' not in page


def test_an_only_account_is_chosen_already_and_its_environment_named(
    world: World, account: Account
) -> None:
    page = world.browser(Visitor.CLERK).get(reverse("send")).text

    assert re.search(rf'value="{account.pk}"[^>]* checked', page)
    assert "environment-banner-tni" in page


def test_of_several_accounts_none_is_chosen_unless_the_address_names_it(
    world: World, account: Account
) -> None:
    other = make_account(world.organisation, common_name="b", environment=Environment.PRD)
    browser = world.browser(Visitor.CLERK)

    free = browser.get(reverse("send")).text
    named = browser.get(reverse("send"), {"account": str(other.pk)}).text

    assert " checked" not in free
    assert "environment-banner" not in free
    assert re.search(rf'value="{other.pk}"[^>]* checked', named)
    assert "environment-banner-prd" in named
    assert "environment-tni" in free
    assert "environment-prd" in free


def test_the_address_can_not_name_somebody_elses_account(world: World, account: Account) -> None:
    foreign = make_account(world.elsewhere, common_name="elders")
    make_account(world.organisation, common_name="b")

    page = world.browser(Visitor.CLERK).get(reverse("send"), {"account": str(foreign.pk)}).text

    assert " checked" not in page
    assert f'value="{foreign.pk}"' not in page


def test_many_accounts_are_a_list(world: World) -> None:
    accounts = [make_account(world.organisation, common_name=f"a{n}") for n in range(13)]

    page = world.browser(Visitor.CLERK).get(reverse("send")).text

    assert page.count("<option") == 14
    assert str(accounts[0].pk) in page


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
def test_nobody_else_brings_files(
    world: World, account: Account, visitor: Visitor, status: int
) -> None:
    response = world.browser(visitor).post(reverse("send"), form(account))

    assert response.status_code == status
    assert not Upload.objects.exists()


def test_a_form_that_is_sent_twice_brings_its_files_once(
    world: World, account: Account, store: Path
) -> None:
    submission = str(uuid.uuid4())

    first = bring(world, form(account, submission=submission))
    second = bring(world, form(account, submission=submission))

    assert first["Location"] == second["Location"]
    assert Upload.objects.count() == 1
    assert len(files_of(store)) == 1


def test_the_same_form_with_another_account_is_another_parcel(
    world: World, account: Account
) -> None:
    """Who goes back and chooses production must not meet the file that was meant for the test."""
    other = make_account(world.organisation, common_name="b", environment=Environment.PRD)
    submission = str(uuid.uuid4())

    first = bring(world, form(account, submission=submission))
    second = bring(world, form(other, submission=submission))

    assert first["Location"] != second["Location"]
    assert Upload.objects.count() == 2


def test_a_file_of_which_another_is_refused_is_kept_and_the_refusal_is_said(
    world: World, account: Account
) -> None:
    files = [SimpleUploadedFile("leeg.xml", b""), SimpleUploadedFile("vraag.xml", XML)]
    browser = world.browser(Visitor.CLERK)

    page = browser.post(reverse("send"), form(account, file=files), follow=True).text

    assert Upload.objects.get().file_name == "vraag.xml"
    assert "leeg.xml was not kept" in unescape(page)
    assert str(advice_for("upload.empty").what) in unescape(page)


def test_an_empty_file_is_refused(world: World, account: Account, store: Path) -> None:
    assert_refused(bring(world, form(account, content=b"")), "upload.empty", store)


def test_no_file_at_all_is_refused(world: World, account: Account, store: Path) -> None:
    data = form(account)
    del data["file"]

    response = bring(world, data)

    assert response.status_code == 422
    assert "Choose the files that you want to send." in response.text
    assert "autofocus" in response.text


def test_an_account_that_was_not_chosen_is_asked_for(world: World, account: Account) -> None:
    response = bring(world, {**form(account), "account": ""})

    assert response.status_code == 422
    assert "Choose the account" in response.text


def test_a_file_over_the_limit_is_refused(
    world: World, account: Account, store: Path, settings: Settings
) -> None:
    settings.UPLOAD_LIMIT = 10

    assert_refused(bring(world, form(account)), "upload.too_large", store)


def test_more_files_than_a_page_can_show_are_refused(
    world: World, account: Account, store: Path, settings: Settings
) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    files = [SimpleUploadedFile(f"vraag-{number}.xml", XML) for number in range(3)]

    response = bring(world, form(account, file=files))

    assert_refused(response, "upload.too_many", store, status=400)


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

    assert_refused(response, "upload.too_large_together", store, status=413)


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


def test_a_page_that_is_too_old_keeps_the_account_and_says_that_the_files_are_gone(
    world: World, account: Account, store: Path
) -> None:
    other = make_account(world.organisation, common_name="b")

    response = world.strict_browser(Visitor.CLERK).post(reverse("send"), form(other))

    assert_refused(response, "upload.page_too_old", store, status=403)
    assert re.search(rf'value="{other.pk}"[^>]* checked', response.text)


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


def test_a_store_that_is_full_is_said_with_its_own_status(
    world: World, account: Account, settings: Settings, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", megabytes=2) as disk:
        settings.PAYLOAD_DIR = disk
        settings.STORAGE_RESERVE_MB = 0
        fill(disk)

        response = bring(world, form(account))

        make_room(disk)
        assert_refused(response, "storage.full", disk, status=507)


def test_a_store_with_only_its_reserve_left_refuses_before_the_file_is_read(
    world: World, account: Account, settings: Settings, store: Path
) -> None:
    settings.STORAGE_RESERVE_MB = 10**9

    response = bring(world, form(account))

    assert_refused(response, "storage.reserved", store, status=507)
    assert world.browser(Visitor.CLERK).get(reverse("send")).status_code == 200


def test_the_pages_program_gets_the_address_of_the_next_page(
    world: World, account: Account
) -> None:
    browser = world.browser(Visitor.CLERK)

    response = browser.post(reverse("send"), form(account), headers={"accept": "application/json"})

    assert response.status_code == 201
    assert response.json() == {"review": reverse("send_review", args=[Upload.objects.get().parcel])}


def test_the_pages_program_gets_refusals_as_words(world: World, account: Account) -> None:
    browser = world.browser(Visitor.CLERK)

    refused = browser.post(
        reverse("send"), form(account, content=b""), headers={"accept": "application/json"}
    )
    cut = browser.post(reverse("send"), {"account": ""}, headers={"accept": "application/json"})

    assert (refused.status_code, cut.status_code) == (422, 400)
    assert refused.json() == {"errors": [str(advice_for("upload.empty"))]}
    assert cut.json() == {"errors": [str(advice_for("upload.incomplete"))]}


def test_the_page_costs_the_same_queries_for_many_accounts(
    world: World, account: Account, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for number in range(30):
        make_account(world.organisation, common_name=f"a{number}")
    browser = world.browser(Visitor.CLERK)

    with django_assert_max_num_queries(12):
        browser.get(reverse("send"))
