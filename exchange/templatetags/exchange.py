"""How accounts and transfers look on a page."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from exchange import filenames
from exchange.advice import advice_for, advice_to_clerk
from exchange.models import Transfer
from exchange.queries import Stage, stage_code_of, stage_of
from exchange.queries.reported import reported_errors
from exchange.queries.told import told, told_gone
from magda_portal.web.advice import Advice
from magda_portal.web.templatetags.portal import badge

register = template.Library()


@register.filter
def shown(name: str) -> SafeString:
    """Return an untrusted file name that is safe to look at; it reads left to right."""
    return format_html('<bdi class="name">{}</bdi>', filenames.shown(name))


@register.filter
def shown_text(name: str) -> str:
    """Return an untrusted file name for places that take no markup, such as a title."""
    return filenames.shown(name)


@register.filter
def advice(code: str) -> Advice:
    return advice_for(code)


@register.filter
def stage(transfer: Transfer) -> Stage:
    return stage_of(transfer)


register.filter(advice_to_clerk)
register.filter(told)
register.filter(told_gone)
register.filter(reported_errors)


@register.simple_tag
def stage_badge(transfer: Transfer) -> SafeString:
    code = stage_code_of(transfer)
    return badge(code.tone, code.label)


@register.simple_tag
def errors_badge(number: int) -> SafeString | str:
    """Return a badge that tells how many errors an answer holds; nothing for none."""
    if not number:
        return ""
    return badge(
        "bad", ngettext("%(number)d error", "%(number)d errors", number) % {"number": number}
    )
