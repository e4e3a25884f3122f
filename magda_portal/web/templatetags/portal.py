"""How values look on every page."""

from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from magda_portal.web.moments import day_in_words, local_day, moment_in_words

register = template.Library()

# A tone never stands alone: each has its sign, and the badge its word.
SIGNS = {
    "good": "✓",
    "busy": "→",
    "waiting": "…",
    "attention": "!",
    "bad": "✕",
    "neutral": "·",
}
# Appuniversum's skin for each tone.
_PILLS = {
    "good": "success",
    "busy": "ongoing",
    "waiting": "ongoing",
    "attention": "warning",
    "bad": "error",
    "neutral": "default",
}
SHORT_FINGERPRINT_BYTES = 8
# Beginning and end of a serial number, which has up to forty digits.
_SERIAL_BEGINNING, _SERIAL_END = 6, 4


@register.simple_tag
def badge(tone: str, text: object) -> SafeString:
    """Return ``text`` as a badge: a word, with a sign and a colour that say the same."""
    return format_html(
        '<span class="au-c-pill au-c-pill--{} badge-{}">'
        '<span aria-hidden="true">{}</span>{}</span>',
        _PILLS[tone],
        tone,
        SIGNS[tone],
        text,
    )


@register.simple_tag
def moment(at: datetime | None, fallback: str = "—") -> SafeString | str:
    """Return a moment in local time, with its exact form for machines."""
    if at is None:
        return fallback
    local = timezone.localtime(at)
    return format_html(
        '<time datetime="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        moment_in_words(at),
    )


@register.simple_tag
def day(on: date) -> SafeString:
    """Return a day, or the local day of a moment, in words, with its exact form for machines."""
    return format_html('<time datetime="{}">{}</time>', local_day(on).isoformat(), day_in_words(on))


@register.filter
def fingerprint(hexadecimal: str) -> str:
    """Return a hash as pairs of digits, the way tools and officers read it aloud."""
    return ":".join(
        hexadecimal[index : index + 2].upper() for index in range(0, len(hexadecimal), 2)
    )


@register.filter
def short_fingerprint(hexadecimal: str) -> str:
    """Return the first eight bytes of a hash, enough to tell two apart in a table."""
    beginning = hexadecimal[: 2 * SHORT_FINGERPRINT_BYTES]
    return fingerprint(beginning) + ("…" if beginning != hexadecimal else "")


@register.filter
def short_serial(serial: str) -> str:
    """Return the beginning and the end of a serial number, for a place that is narrow."""
    if len(serial) <= _SERIAL_BEGINNING + _SERIAL_END + 1:
        return serial
    return f"{serial[:_SERIAL_BEGINNING]}…{serial[-_SERIAL_END:]}"
