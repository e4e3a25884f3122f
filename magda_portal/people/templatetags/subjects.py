"""Ways from an event to what it is about."""

from typing import Final

from django import template
from django.urls import NoReverseMatch, reverse

from magda_portal.audit.models import AuditEvent

register = template.Library()

# For each kind of subject, as events name it, the page that shows one, and what its key is there.
_PAGES: Final = {
    "transfer": ("transfer_show", "pk"),
    "account": ("account_show", "pk"),
    "clientidentity": ("identity_show", "identity_id"),
    "watchedserver": ("server_show", "server_id"),
}


@register.filter
def subject_url(event: AuditEvent) -> str:
    """Return the address of the page of what ``event`` is about; empty when it has none."""
    page = _PAGES.get(event.subject_type)
    if page is None:
        return ""
    name, argument = page
    try:
        return reverse(name, kwargs={argument: event.subject_id})
    except NoReverseMatch:
        return ""
