"""The warning before a session ends."""

from typing import Any

from django import template
from django.utils import timezone

from magda_portal.web.session_end import ends_at, may_stay, may_stay_from

register = template.Library()


@register.inclusion_tag("_session.html", takes_context=True)
def session_end(context: dict[str, Any]) -> dict[str, object]:
    """Show the warning, folded away until its time has come; nothing when no end is set."""
    request = context["request"]
    at = ends_at(request.session)
    return {
        "seconds": int((at - timezone.now()).total_seconds()) if at else None,
        "request": request,
        "csrf_token": context.get("csrf_token"),
    }


@register.simple_tag(takes_context=True)
def session_ends_at(context: dict[str, Any]) -> object:
    """Return the moment at which the session ends, or None."""
    return ends_at(context["request"].session)


@register.simple_tag(takes_context=True)
def session_may_stay(context: dict[str, Any]) -> bool:
    """Return whether the session can be made longer now."""
    return may_stay(context["request"].session, now=timezone.now())


@register.simple_tag(takes_context=True)
def session_may_stay_from(context: dict[str, Any]) -> object:
    """Return the moment from which the session can be made longer; None when it can't any more."""
    return may_stay_from(context["request"].session)
