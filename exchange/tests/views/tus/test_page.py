"""What the page for sending shows of uploads that broke off."""

from collections.abc import Callable
from html import unescape
from typing import Any

from django.urls import reverse
from django.utils import timezone

from exchange.models import Account, Upload
from exchange.services.uploads import UPLOAD_RETENTION
from exchange.tests.views.tus.client import XML, TusClient, address
from magda_portal.tests.world import Visitor, World

HALF = len(XML) // 2


def test_a_name_that_is_markup_is_shown_as_text(tus: TusClient) -> None:
    upload = tus.begun(name="<script>alert(1)<script>.xml")
    response = tus.patch(upload, XML, offset=0)

    page = tus.browser.get(response["Upload-Review"]).text

    assert "<script>alert" not in page
    assert "<script>alert(1)<script>.xml" in unescape(page)


def test_a_part_costs_few_queries(
    tus: TusClient, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    upload = tus.begun(b"x" * 100)

    with django_assert_max_num_queries(12):
        tus.patch(upload, b"x" * 50, offset=0)


def test_a_part_is_offered_to_its_person_until_it_expires(tus: TusClient, world: World) -> None:
    upload = tus.begun(name="groot.xml")
    tus.patch(upload, XML[: HALF + 1], offset=0)
    page = reverse("send")

    assert "groot.xml" in tus.browser.get(page).text
    assert f'data-address="{address(upload)}"' in tus.browser.get(page).text
    assert "was uploaded for 50 %" in tus.browser.get(page).text
    assert "groot.xml" not in world.browser(Visitor.STRANGER).get(page).text
    Upload.objects.update(touched_at=timezone.now() - UPLOAD_RETENTION)
    assert "groot.xml" not in tus.browser.get(page).text


def test_of_what_only_was_announced_nothing_is_offered(tus: TusClient) -> None:
    tus.begun(name="groot.xml")

    assert "groot.xml" not in tus.browser.get(reverse("send")).text


def test_a_page_that_is_loaded_again_is_the_same_form(tus: TusClient, account: Account) -> None:
    upload = tus.begun(name="eerste.xml")
    tus.patch(upload, XML, offset=0)

    again = tus.browser.get(reverse("send"), {"form": str(tus.form), "account": str(account.pk)})
    new = tus.browser.get(reverse("send"), {"form": "x", "account": str(account.pk)})

    upload.refresh_from_db()
    assert f'value="{tus.form}"' in again.text
    assert f'data-review="{reverse("send_review", args=[upload.parcel])}"' in again.text
    assert str(tus.form) not in new.text
    assert "eerste.xml" not in new.text


def test_the_page_costs_the_same_queries_for_many_parts(
    tus: TusClient, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for number in range(20):
        tus.begun(name=f"deel-{number}.xml")
    Upload.objects.update(received=1)

    with django_assert_max_num_queries(12):
        page = tus.browser.get(reverse("send"))

    assert page.text.count("unfinished-remove") == 20
