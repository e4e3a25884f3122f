"""A look at a file is a consultation: it is recorded, and shows content as text only."""

from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from exchange.advice import advice_for
from exchange.messages.tests.builders import sample
from exchange.models import Account, Payload, Transfer
from exchange.tests.builders import make_collected
from magda_portal.audit.models import AuditEvent
from magda_portal.tests.world import Visitor, World


@pytest.fixture(autouse=True)
def store(tmp_path: Path, settings: Settings) -> None:
    settings.PAYLOAD_DIR = tmp_path


def look(world: World, transfer: Transfer, visitor: Visitor = Visitor.CLERK) -> Any:
    url = reverse("payload_preview", args=[transfer.pk])
    return world.browser(visitor).get(url, follow=True)


def test_xml_is_shown_as_a_tree(world: World, account: Account) -> None:
    answer = make_collected(account, content=sample("answer_exceptions.xml").read())

    page = unescape(look(world, answer).text)

    assert page.count("<details") == page.count("</details>") > 3
    assert page.count("<ul>") == page.count("</ul>")
    assert "INSZ is niet geïntegreerd" in page


def test_csv_is_shown_as_a_table_with_what_was_guessed(world: World, account: Account) -> None:
    answer = make_collected(account, content=b'"a";"b"\n"c";"d"\n')

    page = look(world, answer).text

    assert '<td data-label="1">c</td><td data-label="2">d</td>' in page
    assert "a semicolon separates the fields" in page
    assert "UTF-8" in page


@pytest.mark.parametrize(
    "content",
    [
        b"<a><b>&lt;script&gt;alert(1)&lt;/script&gt;</b></a>",
        b"<a k='&lt;img src=x onerror=alert(1)&gt;'/>",
        b"<script>alert(1)</script>",
        b"x;<script>alert(1)</script>\n",
        b"x;{{ settings.SECRET_KEY }}{% debug %}\n",
    ],
)
def test_content_is_never_markup(world: World, account: Account, content: bytes) -> None:
    plain = look(world, make_collected(account, content=b"x;y\n")).text
    page = look(world, make_collected(account, name="b", content=content)).text

    for tag in ("<script", "<img", "onerror=alert(1)>"):
        assert page.count(tag) == plain.count(tag)


def test_a_look_counts_as_opening(world: World, account: Account) -> None:
    answer = make_collected(account)

    look(world, answer)

    event = AuditEvent.objects.get(action="transfer.opened")
    assert event.actor_id == str(world.clerk.pk)
    assert event.subject_id == str(answer.pk)
    assert Payload.objects.get().first_opened_at is not None


@pytest.mark.parametrize(
    "visitor", [Visitor.ANONYMOUS, Visitor.ADMINISTRATOR, Visitor.HELPDESK, Visitor.STRANGER]
)
def test_nobody_but_a_clerk_of_the_organisation_looks(
    world: World, account: Account, visitor: Visitor
) -> None:
    answer = make_collected(account, content=b"<a>geheim</a>")

    page = look(world, answer, visitor).text

    assert "geheim" not in page
    assert Payload.objects.get().first_opened_at is None
    assert not AuditEvent.objects.filter(action="transfer.opened").exists()


def test_erased_content_leads_back_with_an_explanation(world: World, account: Account) -> None:
    answer = make_collected(account)
    Payload.objects.update(erased_at=timezone.now())

    page = unescape(look(world, answer).text)

    assert str(advice_for("payload.erased").what) in page
    assert not AuditEvent.objects.filter(action="transfer.opened").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty."),
        (b"PK\x03\x04\x00", "neither XML nor text"),
        (b"<a><b></a>", "in line 1"),
        (b"<!DOCTYPE a><a/>", "DOCTYPE"),
        (b"een regel", "no sign that separates fields"),
    ],
)
def test_what_can_not_be_shown_is_explained(
    world: World, account: Account, content: bytes, words: str
) -> None:
    assert words in unescape(look(world, make_collected(account, content=content)).text)


def test_a_look_takes_twelve_queries(
    world: World, account: Account, django_assert_max_num_queries: Any
) -> None:
    answer = make_collected(account, content=b"a;b;c\n" * 500)
    browser = world.browser(Visitor.CLERK)

    with django_assert_max_num_queries(12):
        browser.get(reverse("payload_preview", args=[answer.pk]))
