"""How a common name is shown: it breaks between its words, never inside one."""

import re

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

_SEPARATORS = re.compile(r"(?<=[/.@_-])")
_MAY_BREAK = mark_safe("<wbr>")


@register.filter
def account_name(name: str) -> SafeString:
    """Return a common name such as ``kb.vlaanderen.be/aiv/voorbeeld-aip``, left to right.

    A line may end after each of its separators. Copied text holds the name as it is.
    """
    parts = format_html_join(_MAY_BREAK, "{}", ((part,) for part in _SEPARATORS.split(name)))
    return format_html('<bdi class="account-name">{}</bdi>', parts)
