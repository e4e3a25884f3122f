"""Tables that read well aloud, scroll by keyboard, and say by what they are sorted."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from magda_portal.web.pagination import Page
from magda_portal.web.templatetags.components import icon

register = template.Library()


@register.filter
def of(values: Mapping[Any, Any], key: object) -> object:
    """Return what ``values`` hold under ``key``; empty text when there is nothing."""
    return values.get(key, "")


@register.simple_block_tag
def table(content: SafeString, name: str, caption: str) -> SafeString:
    """Return rows as a table with its caption, in a region that bears the caption's name.

    ``name`` is unique on the page; the content is the table's head and body.
    """
    return format_html(
        '<div class="au-c-table-wrapper" id="{name}" tabindex="0" role="region"'
        ' aria-labelledby="{name}-caption"><table class="au-c-table">'
        '<caption id="{name}-caption" class="au-c-table__caption">{caption}</caption>'
        "{content}</table></div>",
        name=name,
        caption=caption,
        content=mark_safe(content),  # noqa: S308 - the template engine has escaped it
    )


@register.simple_tag
def time_column(page: Page[Any], words: str) -> SafeString:
    """Return the heading of the column by which ``page`` is sorted; its link turns the order."""
    newest = page.is_newest_first
    return format_html(
        '<th scope="col" aria-sort="{}"><a class="sort" href="{}">{} {}</a></th>',
        "descending" if newest else "ascending",
        page.turned,
        words,
        icon("arrow-down" if newest else "arrow-up"),
    )
