"""Appuniversum's components that are more than a class on an element."""

from typing import Final

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

SPRITE: Final = "vendor/appuniversum-icons-4.4.1.svg"
# For each tone the component's skin, and the icon that says the same without colour.
_ALERTS: Final = {
    "bad": ("error", "circle-x"),
    "attention": ("warning", "alert-triangle"),
    "good": ("success", "check"),
    "busy": ("info", "info-circle"),
    "waiting": ("info", "info-circle"),
    "neutral": ("info", "info-circle"),
}
# What Django calls the levels of its messages.
_LEVELS: Final = {"error": "bad", "warning": "attention", "success": "good", "info": "neutral"}


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """Return an icon of the sprite, for eyes only: words beside it say the same.

    ``size`` is "large" or empty.
    """
    return format_html(
        '<svg class="au-c-icon{}" aria-hidden="true" focusable="false">'
        '<use href="{}#{}"></use></svg>',
        f" au-c-icon--{size}" if size else "",
        static(SPRITE),
        name,
    )


@register.simple_block_tag
def alert(content: SafeString, tone: str = "neutral", *, role: str = "") -> SafeString:
    """Return a block as an alert of a tone ("bad", "attention", "good", "neutral") or level.

    ``role`` is "alert" or "status" for what comes after the page, and empty for what is part of it.
    """
    skin, sign = _ALERTS[_LEVELS.get(tone, tone)]
    return format_html(
        '<div class="au-c-alert au-c-alert--small au-c-alert--{}"{}>'
        '<div class="au-c-alert__icon">{}</div>'
        '<div class="au-c-alert__content">{}</div></div>',
        skin,
        format_html(' role="{}"', role) if role else "",
        icon(sign),
        mark_safe(content),  # noqa: S308 - the template engine has escaped it
    )
