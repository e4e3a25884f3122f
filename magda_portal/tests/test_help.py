"""Every page has its help, in both languages and at the same place."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.urls import get_resolver, resolve, reverse
from django.utils.translation import gettext, override

from magda_portal.tests.test_every_url import NO_PAGES, names
from magda_portal.tests.url_table import TABLE
from magda_portal.tests.world import Visitor, World
from magda_portal.web.help_topics import CHAPTERS, TOPICS, topic_of

OTHER_WORDS = r"verzend|verzond|(?<!an)(?<!f)levering|netwerkblad|herroep|opzij|controlecijfer"
TEXTS = Path(settings.BASE_DIR) / "templates" / "help"
LANGUAGES = [code for code, _ in settings.LANGUAGES]
SLUGS = [*TOPICS, "accessibility", "whats_new"]
PAGES = sorted(
    name
    for name, row in TABLE.items()
    if row.method == "get"
    and name not in NO_PAGES
    and any(row.expected(visitor) == 200 for visitor in Visitor)
    and not name.startswith("help_")
    and name not in ("accessibility", "whats_new")
)


def text(language: str, slug: str) -> str:
    return (TEXTS / language / f"{slug}.html").read_text(encoding="utf-8")


def reader(language: str) -> Client:
    return Client(headers={"accept-language": language})


@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_a_topic(name: str) -> None:
    assert topic_of(name) is not None


def test_a_topic_speaks_of_pages_that_exist() -> None:
    pages = {page for topic in TOPICS.values() for page in topic.pages}

    assert pages <= set(names(get_resolver().url_patterns))


def test_a_page_belongs_to_one_topic() -> None:
    pages = [page for topic in TOPICS.values() for page in topic.pages]

    assert len(pages) == len(set(pages))


def test_every_text_belongs_to_a_topic() -> None:
    for language in LANGUAGES:
        assert {path.stem for path in (TEXTS / language).iterdir()} == set(SLUGS)


@pytest.mark.parametrize("slug", SLUGS)
def test_both_languages_say_the_same_things_in_the_same_order(slug: str) -> None:
    shapes = [
        re.findall(r"<(h2|h3|p|ul|ol|li|dl|dt|dd|a|address)\b|\{% (url [^%]*)", text(each, slug))
        for each in LANGUAGES
    ]

    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("slug", SLUGS)
def test_the_dutch_text_is_formal(slug: str) -> None:
    assert not re.search(r"\b(je|jij|jou|jouw|jullie)\b", text("nl", slug), re.IGNORECASE)


@pytest.mark.parametrize("slug", SLUGS)
def test_the_dutch_text_has_one_word_for_one_thing(slug: str) -> None:
    """The words of the glossary: a file is sent by "versturen", and again by "verzenden"."""
    bare = text("nl", slug).replace("bezig met verzenden", "")
    bare = re.sub(r"opnieuw (laten |worden )?(verzenden|verzonden)", "", bare, flags=re.IGNORECASE)

    assert not re.search(OTHER_WORDS, bare, re.IGNORECASE)


@pytest.mark.parametrize("slug", SLUGS)
def test_what_a_page_is_said_to_offer_has_its_name_on_the_page(slug: str) -> None:
    """What the English text marks, and a page says in these words, the Dutch text says as well."""
    marked = [re.findall(r"<(?:strong|dt)>([^<]+)<", text(each, slug)) for each in ("en", "nl")]
    with override("nl"):
        pairs = [(said_on_pages(english), dutch) for english, dutch in zip(*marked, strict=True)]

    for on_pages, in_help in pairs:
        # "één" has one accent when it begins a sentence.
        assert not on_pages or in_help.casefold().replace("eén", "één") in on_pages


def said_on_pages(english: str) -> set[str]:
    """Return the Dutch of a text of a page, which may begin with a small letter; none if none.

    What ends in a full stop is a step in the reader's words.
    """
    forms = {english, english[0].lower() + english[1:]}
    return {gettext(form).casefold() for form in forms if gettext(form) != form}


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_is_plain(language: str, slug: str) -> None:
    """Sentences that a clerk reads once: 30 words at most."""
    bare = re.sub(r"</(?:p|li|h2|dd|dt)>", ". ", text(language, slug))
    bare = re.sub(r"<[^>]+>|\{%.*?%\}|\{\{.*?\}\}", "", bare)

    sentences = re.split(r"[.:;?!]\s", bare)

    assert [each for each in sentences if len(each.split()) > 30] == []


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_everybody_can_read_it_in_their_language(language: str) -> None:
    for slug in TOPICS:
        page = reader(language).get(reverse("help_topic", args=[slug]))

        assert page.status_code == 200
        assert f'<html lang="{language}">' in page.text
        assert re.findall(r'class="lead">(.{40})', text(language, slug))[0] in page.text


@pytest.mark.django_db
def test_the_contents_lead_to_every_topic() -> None:
    page = reader("en").get(reverse("help_contents")).text

    for chapter in CHAPTERS:
        assert str(chapter.title) in page
        for topic in chapter.topics:
            assert f'href="{reverse("help_topic", args=[topic.slug])}"' in page


@pytest.mark.django_db
def test_the_statement_says_where_to_write_and_where_to_complain(settings: object) -> None:
    settings.ACCESSIBILITY_CONTACT = "hulp@voorbeeld.example"  # type: ignore[attr-defined]

    page = reader("nl").get(reverse("accessibility")).text

    assert 'href="mailto:hulp@voorbeeld.example"' in page
    assert "klachten@vlaamseombudsdienst.be" in page
    assert "2016/2102" in page


@pytest.mark.django_db
def test_without_an_address_the_statement_still_says_whom_to_tell(settings: object) -> None:
    settings.ACCESSIBILITY_CONTACT = ""  # type: ignore[attr-defined]

    page = reader("nl").get(reverse("accessibility")).text

    assert page.count("mailto:") == 1
    assert "beheerder van uw organisatie" in page


def link(path: str) -> str:
    request = RequestFactory().get(path)
    request.resolver_match = resolve(path)
    template = Template("{% load help %}{% help_link %}")
    return template.render(Context({"request": request}))


def test_the_link_leads_to_the_topic_of_the_page_beside_the_work() -> None:
    shown = link(reverse("send"))

    assert f'href="{reverse("help_topic", args=["send"])}"' in shown
    assert 'target="_blank"' in shown
    assert 'rel="noopener"' in shown


def test_where_there_is_no_topic_the_link_leads_to_the_contents() -> None:
    assert f'href="{reverse("help_contents")}"' in link(reverse("help_contents"))
    without = Template("{% load help %}{% help_link %}").render(Context({}))
    assert f'href="{reverse("help_contents")}"' in without


def test_the_help_needs_no_login_and_shows_no_navigation(world: World) -> None:
    page = reader("en").get(reverse("help_contents")).text

    assert "site-nav" not in page
    assert "site-nav" in world.browser(Visitor.CLERK).get(reverse("help_contents")).text
