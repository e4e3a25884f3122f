"""The way to the help, at the same place on every page (WCAG 3.2.6)."""

from typing import Any

from django import template
from django.urls import reverse

from magda_portal.web.help_topics import topic_of

register = template.Library()


@register.inclusion_tag("help/_link.html", takes_context=True)
def help_link(context: dict[str, Any]) -> dict[str, object]:
    """Show the link to the help about this page, or to its contents."""
    request = context.get("request")
    match = request.resolver_match if request else None
    topic = topic_of(match.url_name or "") if match else None
    if topic is None:
        return {"url": reverse("help_contents"), "topic": None}
    return {"url": reverse("help_topic", args=[topic.slug]), "topic": topic}
