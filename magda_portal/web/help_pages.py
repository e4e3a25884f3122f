"""Help, the accessibility statement and what is new; readable without logging in."""

from datetime import date
from typing import Final

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from magda_portal.web.help_topics import CHAPTERS, TOPICS

STATED_ON: Final = date(2026, 11, 21)
"""When the portal was last judged for the accessibility statement; move it with the judgement."""


@login_not_required
@require_GET
def help_contents(request: HttpRequest) -> HttpResponse:
    return render(request, "help/contents.html", {"chapters": CHAPTERS})


@login_not_required
@require_GET
def help_topic(request: HttpRequest, slug: str) -> HttpResponse:
    topic = TOPICS.get(slug)
    if topic is None:
        raise Http404
    context = {"topic": topic, "text": text_of(slug), "chapters": CHAPTERS}
    return render(request, "help/topic.html", context)


@login_not_required
@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    """Show the statement that the law asks for, on every page's foot."""
    contact = settings.ACCESSIBILITY_CONTACT
    context = {"contact": contact, "published": STATED_ON, "text": text_of("accessibility")}
    return render(request, "help/accessibility.html", context)


@login_not_required
@require_GET
def whats_new(request: HttpRequest) -> HttpResponse:
    return render(request, "help/whats_new.html", {"text": text_of("whats_new")})


def text_of(slug: str) -> str:
    """Return the template with the text in the language of the page, or in the portal's own."""
    language = get_language() or settings.LANGUAGE_CODE
    known = language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    return f"help/{known}/{slug}.html"
