"""Looking through the files that were brought, and sending them, once."""

from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from pytest_django.fixtures import Settings

from exchange.advice import advice_for
from exchange.models import Account, Transfer, Upload
from exchange.models.transfer import State
from exchange.tests.builders import make_delivered, make_transfer
from exchange.tests.views.bringing import (
    brought,
    files_of,
    filled,
    key,
    page_of,
    press,
    see,
    warned,
)
from magda_portal.audit.models import AuditEvent
from magda_portal.people.models import Membership, Role
from magda_portal.tests.world import Visitor, World

REASON = "MAGDA vroeg erom, zie ticket 12"


@pytest.fixture(autouse=True)
def store(tmp_path: Path, settings: Settings) -> Path:
    settings.PAYLOAD_DIR = tmp_path
    return tmp_path


def test_one_file_that_is_sent_leads_straight_to_its_case(
    world: World, account: Account, store: Path
) -> None:
    (upload,) = brought(world, account, "vraag.xml")

    response = press(world, upload, filled(upload))

    transfer = Transfer.objects.get()
    assert response["Location"] == reverse("transfer_show", args=[transfer.pk])
    assert (transfer.final_name, transfer.state) == ("vraag.xml", State.QUEUED)
    assert (transfer.person, transfer.account) == (world.clerk, account)
    assert transfer.payload is not None
    # The very file that was looked through: it was not copied.
    assert transfer.payload.pk == upload.pk
    assert len(files_of(store)) == 1
    assert AuditEvent.objects.filter(action="transfer.submitted").count() == 1


def test_several_files_lead_to_a_list_of_their_cases(world: World, account: Account) -> None:
    uploads = brought(world, account, "a.xml", "b.xml")

    response = press(world, uploads[0], filled(*uploads))

    assert response["Location"] == page_of(uploads[0])
    page = see(world, uploads[0]).text
    for transfer in Transfer.objects.all():
        assert reverse("transfer_show", args=[transfer.pk]) in page
    assert Transfer.objects.count() == 2
    assert "2 files are queued" in page
    assert 'name="send"' not in page


def test_a_worker_is_woken_once_for_all_files(
    world: World, account: Account, django_capture_on_commit_callbacks: Any
) -> None:
    uploads = brought(world, account, "a.xml", "b.xml")

    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        press(world, uploads[0], filled(*uploads))

    assert len(callbacks) == 1


def test_a_second_click_lands_on_the_first_transfer(world: World, account: Account) -> None:
    (upload,) = brought(world, account, "vraag.xml")

    first = press(world, upload, filled(upload))
    second = press(world, upload, filled(upload))

    assert first["Location"] == second["Location"]
    assert Transfer.objects.count() == 1


def test_a_page_of_before_the_sending_sends_nothing_again(world: World, account: Account) -> None:
    """Going back, or a second tab, shows what became of it."""
    uploads = brought(world, account, "a.xml", "b.xml")
    press(world, uploads[0], filled(*uploads))

    press(world, uploads[0], filled(*uploads, **{key("name", uploads[0]): "c.xml"}))

    assert Transfer.objects.count() == 2


@pytest.mark.parametrize("visitor", [Visitor.STRANGER, Visitor.HELPDESK, Visitor.ADMINISTRATOR])
def test_nobody_else_sees_or_sends_them(world: World, account: Account, visitor: Visitor) -> None:
    (upload,) = brought(world, account, "vraag.xml")

    seen = see(world, upload, visitor)
    sent = world.browser(visitor).post(page_of(upload), filled(upload))

    expected = 404 if visitor is Visitor.STRANGER else 403
    assert (seen.status_code, sent.status_code) == (expected, expected)
    assert not Transfer.objects.exists()


def test_a_colleague_does_not_see_them_either(world: World, account: Account) -> None:
    (upload,) = brought(world, account, "vraag.xml")
    Membership.objects.create(
        person=world.stranger, organisation=world.organisation, role=Role.CLERK
    )

    assert see(world, upload, Visitor.STRANGER).status_code == 404


def test_who_is_no_clerk_there_any_more_sends_nothing(world: World, account: Account) -> None:
    (upload,) = brought(world, account, "vraag.xml")
    world.clerk.memberships.all().delete()
    Membership.objects.create(person=world.clerk, organisation=world.elsewhere, role=Role.CLERK)

    assert press(world, upload, filled(upload)).status_code == 404
    assert not Transfer.objects.exists()


def test_a_name_can_be_changed_here(world: World, account: Account) -> None:
    (upload,) = brought(world, account, "vraag.xml")

    press(world, upload, filled(upload, **{key("name", upload): "pub_geef_20260101.xml"}))

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
    world: World, account: Account, name: str, code: str
) -> None:
    (upload,) = brought(world, account, "vraag.xml")

    response = press(world, upload, filled(upload, **{key("name", upload): name}))

    assert response.status_code == 422
    assert str(advice_for(code).what) in unescape(response.text)
    assert f'href="#id_{key("name", upload)}"' in response.text
    assert not Transfer.objects.exists()


def test_a_files_own_name_is_checked_too(world: World, account: Account) -> None:
    (upload,) = brought(world, account, "x" * 201 + ".xml")

    response = press(world, upload, filled(upload))

    assert response.status_code == 422
    assert str(advice_for("name.too_long").what) in unescape(response.text)


def test_two_files_of_one_name_are_refused_both(world: World, account: Account) -> None:
    uploads = brought(world, account, "a.xml", "b.xml")

    response = press(world, uploads[0], filled(*uploads, **{key("name", uploads[1]): "a.xml"}))

    assert response.status_code == 422
    assert str(advice_for("review.name_twice").what) in unescape(response.text)
    assert not Transfer.objects.exists()


def test_an_error_blocks_its_file_and_not_the_others(world: World, account: Account) -> None:
    account.expects_xml = True
    account.save()
    (good,) = brought(world, account, "goed.xml")
    uploads = brought(world, account, "fout.xml", content=b"geen XML")
    Upload.objects.update(parcel=good.parcel)

    page = see(world, good).text
    press(world, good, filled(good, **{key("name", uploads[0]): "fout.xml"}))

    assert "can not be sent" in page
    assert key("name", uploads[0]) not in page
    assert Transfer.objects.get().final_name == "goed.xml"


def test_a_warning_asks_for_a_reason_which_is_kept_and_told(world: World, account: Account) -> None:
    make_transfer(account, name="eerder.xml", referte="ref-1")
    content = (
        b'<GeefPersoon xmlns="urn:x"><Verzoek xmlns=""><Context><Naam>GeefPersoon</Naam>'
        b"<Versie>02.02.0000</Versie><Bericht><Type>VRAAG</Type><Afzender>"
        b"<Referte>ref-1</Referte></Afzender></Bericht></Context></Verzoek></GeefPersoon>"
    )
    (upload,) = brought(world, account, "vraag.xml", content=content)
    assert "check.referte" in [row["code"] for row in upload.findings]

    without = press(world, upload, filled(upload))
    short = press(world, upload, filled(upload, **{key("overrule", upload): "zomaar"}))

    assert (without.status_code, short.status_code) == (422, 422)
    assert Transfer.objects.count() == 1
    assert "zomaar" in short.text

    press(world, upload, filled(upload, **{key("overrule", upload): REASON}))

    sent = Transfer.objects.get(final_name="vraag.xml")
    assert (sent.overruled, sent.overrule_reason) == (["check.referte"], REASON)
    event = AuditEvent.objects.get(action="transfer.warnings_overruled")
    assert event.details["reason"] == REASON


def test_a_reason_does_not_count_for_a_warning_that_was_not_shown(
    world: World, account: Account
) -> None:
    content = (
        b'<GeefPersoon xmlns="urn:x"><Verzoek xmlns=""><Context><Naam>GeefPersoon</Naam>'
        b"<Versie>02.02.0000</Versie><Bericht><Type>VRAAG</Type><Afzender>"
        b"<Referte>ref-1</Referte></Afzender></Bericht></Context></Verzoek></GeefPersoon>"
    )
    (upload,) = brought(world, account, "vraag.xml", content=content)
    make_transfer(account, name="intussen.xml", referte="ref-1")

    response = press(world, upload, filled(upload, **{key("overrule", upload): REASON}))

    assert response.status_code == 422
    assert str(advice_for("review.found_more").what) in unescape(response.text)
    assert Transfer.objects.count() == 1


def test_a_finding_is_told_with_its_lines(world: World, account: Account) -> None:
    (upload,) = brought(world, account, "vraag.xml")
    warned(upload)

    page = see(world, upload).text

    assert str(advice_for("check.referte").what) in unescape(page)
    assert "5 places, first on these lines: 3 and 9." in page


def test_a_name_on_its_way_is_refused_and_leads_there(world: World, account: Account) -> None:
    other = make_transfer(account, name="vraag.xml")
    (upload,) = brought(world, account, "vraag.xml")

    page = see(world, upload).text
    response = press(world, upload, filled(upload))

    assert str(advice_for("name.in_progress").what) in unescape(page)
    assert f'<a href="{reverse("transfer_show", args=[other.pk])}">#{other.pk}</a>' in page
    assert response.status_code == 422
    assert Transfer.objects.count() == 1


def test_a_delivered_name_asks_for_a_reason_and_goes_with_one(
    world: World, account: Account
) -> None:
    earlier = make_delivered(account, name="vraag.xml")
    (upload,) = brought(world, account, "vraag.xml")

    page = see(world, upload).text
    without = press(world, upload, filled(upload))
    short = press(world, upload, filled(upload, **{key("resend", upload): "x"}))

    assert "a second consultation" in page
    assert "10 to 300 characters" in page
    assert (without.status_code, short.status_code) == (422, 422)
    assert str(advice_for("name.held").what) in unescape(without.text)
    assert str(advice_for("transfer.reason_short").what) in unescape(short.text)
    long = press(world, upload, filled(upload, **{key("resend", upload): "x" * 301}))
    assert str(advice_for("transfer.reason_long").what) in unescape(long.text)
    assert str(advice_for("name.held").next) not in long.context["form"].errors.as_text()

    press(world, upload, filled(upload, **{key("resend", upload): REASON}))

    again = Transfer.objects.get(state=State.QUEUED)
    assert (again.resends, again.resend_reason) == (earlier, REASON)


def test_an_account_suspended_meanwhile_is_refused(world: World, account: Account) -> None:
    (upload,) = brought(world, account, "vraag.xml")
    Account.objects.filter(pk=account.pk).update(state=Account.State.SUSPENDED)

    response = press(world, upload, filled(upload))

    assert response.status_code == 422
    assert str(advice_for("account.suspended").what) in unescape(response.text)
    assert not Transfer.objects.exists()
