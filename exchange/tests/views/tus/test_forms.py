"""Files of one form are looked through together, whenever they became whole and whoever asks."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from exchange.models import Account, Upload
from exchange.tests.views.bringing import form
from exchange.tests.views.tus.client import XML, TusClient, address
from magda_portal.people.models import Membership, Person, Role
from magda_portal.tests.world import World

HALF = len(XML) // 2


@pytest.fixture
def colleague(world: World, client: Client) -> Client:
    """Log in as another clerk of the same organisation."""
    person = Person.objects.create(email="collega@voorbeeld.example")
    Membership.objects.create(person=person, organisation=world.organisation, role=Role.CLERK)
    client.force_login(person)
    return client


def ask(tus: TusClient, upload: Upload) -> Any:
    """Ask where an upload stands as a page does that goes on with it in its own form."""
    headers = {"tus-resumable": "1.0.0", "upload-form": str(tus.form)}
    return tus.browser.head(address(upload), headers=headers)


def brought(tus: TusClient, content: bytes = XML, *, name: str = "vraag.xml") -> Upload:
    upload = tus.begun(content, name=name)
    assert tus.patch(upload, content, offset=0).status_code == 204
    upload.refresh_from_db()
    return upload


def page_of(tus: TusClient) -> str:
    query = {"form": str(tus.form), "account": str(tus.account.pk)}
    return str(tus.browser.get(reverse("send"), query).text)


def test_a_file_that_became_whole_meanwhile_comes_along_to_the_form_that_asks(
    tus: TusClient, account: Account
) -> None:
    """The page saw a part of it; the portal was still checking what another page sent."""
    upload = tus.begun()
    tus.patch(upload, XML[:HALF], offset=0)
    later = TusClient(tus.browser, account)
    assert str(upload.pk) in later.browser.get(reverse("send")).text
    tus.patch(upload, XML[HALF:], offset=HALF)
    other = brought(later, b"<ander/>", name="ander.xml")

    told = ask(later, upload)

    review = reverse("send_review", args=[other.parcel])
    assert (told["Upload-Offset"], told["Upload-Review"]) == (str(len(XML)), review)
    page = tus.browser.get(review).text
    assert "vraag.xml" in page
    assert "ander.xml" in page


def test_a_file_that_the_form_has_already_stays_where_it_is(
    tus: TusClient, account: Account
) -> None:
    upload = brought(tus)
    later = TusClient(tus.browser, account)
    same = brought(later)

    told = ask(later, upload)

    assert told["Upload-Review"] == reverse("send_review", args=[same.parcel])
    assert Upload.objects.filter(pk=upload.pk, parcel=upload.parcel).exists()


def test_a_file_that_was_sent_meanwhile_stays_in_its_parcel(
    tus: TusClient, account: Account
) -> None:
    upload = brought(tus)
    Upload.objects.update(state=Upload.State.SENT)

    told = ask(TusClient(tus.browser, account), upload)

    assert told["Upload-Review"] == reverse("send_review", args=[upload.parcel])


def test_a_file_does_not_come_along_to_a_form_that_is_full(
    tus: TusClient, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = brought(tus)
    later = TusClient(tus.browser, account)
    brought(later, name="ander.xml")
    monkeypatch.setattr("exchange.services.uploads.MAX_FILES", 1)

    assert ask(later, upload).status_code == 422
    assert Upload.objects.filter(pk=upload.pk, parcel=upload.parcel).exists()


def test_who_opens_a_colleagues_form_has_a_parcel_of_their_own(
    tus: TusClient, account: Account, colleague: Client
) -> None:
    """The form's id stands in the address of the page, which may be passed on."""
    first = brought(tus)
    theirs = TusClient(colleague, account, form=tus.form)
    assert f'value="{tus.form}"' in page_of(theirs)

    upload = theirs.begun()
    response = theirs.patch(upload, XML, offset=0)

    assert Upload.objects.filter(pk=upload.pk, state=Upload.State.WAITING).exists()
    assert response["Upload-Review"] != reverse("send_review", args=[first.parcel])
    assert colleague.get(response["Upload-Review"]).status_code == 200


def test_who_sends_a_colleagues_form_without_scripts_has_a_parcel_of_their_own(
    tus: TusClient, account: Account, colleague: Client
) -> None:
    submission = str(uuid.uuid4())
    tus.browser.post(reverse("send"), form(account, submission=submission))

    response = colleague.post(reverse("send"), form(account, submission=submission))

    assert colleague.get(response["Location"]).status_code == 200
    assert Upload.objects.count() == 2


def test_a_page_that_is_loaded_again_does_not_ask_for_what_was_sent(tus: TusClient) -> None:
    brought(tus, name="gestuurd.xml")
    Upload.objects.update(state=Upload.State.SENT)
    brought(tus, name="wacht.xml")

    page = page_of(tus)

    assert "wacht.xml is here in full" in page.replace("<bdi>", "").replace("</bdi>", "")
    assert "gestuurd.xml" not in page
