"""Who opens a file, and how it leaves the portal."""

import uuid
from html import unescape
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from exchange.advice import advice_for
from exchange.models import Account, Payload, Transfer
from exchange.storage import payload_store
from exchange.tests.builders import make_collected, make_transfer
from magda_portal.audit.models import AuditEvent
from magda_portal.tests.world import Visitor, World

CONTENT = b"<antwoord>" + bytes(range(256)) + b"</antwoord>"


@pytest.fixture(autouse=True)
def store(tmp_path: Path, settings: Settings) -> None:
    settings.PAYLOAD_DIR = tmp_path


@pytest.fixture
def answer(account: Account) -> Transfer:
    return make_collected(account, content=CONTENT)


def url(transfer: Transfer) -> str:
    return reverse("payload_download", args=[transfer.pk])


def test_a_clerk_downloads_what_was_collected(world: World, answer: Transfer) -> None:
    response = world.browser(Visitor.CLERK).get(url(answer))

    assert response.getvalue() == CONTENT
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == 'attachment; filename="antwoord.xml"'
    assert response["Content-Length"] == str(len(CONTENT))
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-store"


def test_a_clerk_downloads_the_request_too(world: World, account: Account) -> None:
    request = make_transfer(account, content=b"vraag")

    assert world.browser(Visitor.CLERK).get(url(request)).getvalue() == b"vraag"


def test_opening_is_recorded_and_the_first_time_is_kept(world: World, answer: Transfer) -> None:
    browser = world.browser(Visitor.CLERK)

    browser.get(url(answer)).close()
    first = Payload.objects.get().first_opened_at
    browser.get(url(answer)).close()

    assert first is not None
    assert Payload.objects.get().first_opened_at == first
    events = AuditEvent.objects.filter(action="transfer.opened")
    assert [event.actor_id for event in events] == [str(world.clerk.pk)] * 2
    assert events[0].organisation_id == str(world.organisation.pk)


@pytest.mark.parametrize(
    "visitor",
    [Visitor.ANONYMOUS, Visitor.ADMINISTRATOR, Visitor.HELPDESK, Visitor.STRANGER],
)
def test_nobody_else_opens_it(world: World, answer: Transfer, visitor: Visitor) -> None:
    response = world.browser(visitor).get(url(answer))

    assert response.status_code in {302, 403, 404}
    assert not response.streaming
    assert Payload.objects.get().first_opened_at is None
    assert not AuditEvent.objects.filter(action="transfer.opened").exists()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("één.xml", "attachment; filename*=utf-8''%C3%A9%C3%A9n.xml"),
        ('a"b.xml', 'attachment; filename="a\\"b.xml"'),
        ("../../etc/passwd", 'attachment; filename=".._x2f.._x2fetc_x2fpasswd"'),
        ("a\r\nSet-Cookie: x=1", 'attachment; filename="a_x0d_x0aSet-Cookie: x=1"'),
        ("a\u202efdp.exe", 'attachment; filename="a_u202efdp.exe"'),
    ],
)
def test_a_hostile_name_steers_neither_header_nor_path(
    world: World, account: Account, name: str, expected: str
) -> None:
    answer = make_collected(account, name=name)

    response = world.browser(Visitor.CLERK).get(url(answer))
    response.close()

    assert response["Content-Disposition"] == expected


def test_erased_content_is_explained(world: World, answer: Transfer) -> None:
    Payload.objects.update(erased_at=timezone.now())

    page = world.browser(Visitor.CLERK).get(url(answer), follow=True)

    assert str(advice_for("payload.erased").what) in page.text
    assert url(answer) not in page.text


def test_content_that_is_gone_is_explained_and_not_recorded_as_opened(
    world: World, answer: Transfer
) -> None:
    assert isinstance(answer.payload_id, uuid.UUID)
    payload_store().erase(answer.payload_id)

    page = world.browser(Visitor.CLERK).get(url(answer), follow=True)

    assert str(advice_for("payload.missing").what) in unescape(page.text)
    assert not AuditEvent.objects.filter(action="transfer.opened").exists()


def test_content_that_was_never_fetched_is_said(world: World, account: Account) -> None:
    transfer = make_transfer(
        account, payload=None, sha256="", content_from="cache/to_vip/vraag.xml"
    )

    response = world.browser(Visitor.CLERK).get(
        reverse("payload_download", args=[transfer.pk]), follow=True
    )

    assert str(advice_for("payload.not_fetched").what) in unescape(response.text)
