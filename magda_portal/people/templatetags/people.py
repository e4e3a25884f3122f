"""What the pages show depends on what a person may do."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from magda_portal.people.access import roles_of
from magda_portal.people.models import Person, Role

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

register = template.Library()


@dataclass(frozen=True, slots=True)
class Destination:
    """A page in the navigation, and the pages that lie under it, by URL name."""

    name: str
    label: "StrPromise"
    under: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A destination as one request sees it."""

    url: str
    label: "StrPromise"
    is_current: bool


OVERVIEW = Destination("overview", _("Overview"))
SEND = Destination("send", _("Send"), ("send_review",))
TRANSFERS = Destination(
    "transfers",
    _("Transfers"),
    (
        "transfer_show",
        "transfer_settle",
        "transfer_send_again",
        "payload_preview",
        "receipt_show",
    ),
)
INBOX = Destination("inbox", _("Answers and publications"))
ACCOUNTS = Destination(
    "accounts",
    _("Accounts"),
    (
        "account_show",
        "account_edit",
        "account_suspend",
        "account_folders",
        "account_network",
        "account_addresses",
        "address_withdraw",
        "account_subscriptions",
        "subscription_remove",
        "account_services",
        "service_add",
        "service_edit",
        "service_remove",
        "service_schema",
        "schema_remove",
        "account_cache",
        "cache_send_again",
        "account_renewal",
        "account_recipes",
    ),
)
CERTIFICATES = Destination(
    "certificates",
    _("Certificates"),
    (
        "identity_show",
        "identity_mailbox",
        "certificate_import",
        "certificate_activate",
        "switch_plan",
        "next_discard",
        "request_make",
        "request_show",
        "self_signed_make",
        "key_pair_export",
        "key_pair_destroy",
        "expiry",
        "calendar",
        "trust_anchors",
        "trust_anchor_add",
        "trust_anchor_remove",
        "revocation_lists",
        "revocation_list_upload",
        "servers",
        "server_show",
        "server_addresses",
        "sighting_trust",
    ),
)
MEMBERS = Destination("members", _("Members"), ("member_change", "member_remove", "locked_people"))
# For the helpdesk; administrators find it under their members.
LOCKED = Destination("locked_people", _("Locked out"))
EVENTS = Destination("events", _("History"))


def destinations(person: Person) -> list[Destination]:
    """Return the pages that ``person`` has a use for, in reading order."""
    roles = roles_of(person)
    is_clerk, is_administrator = Role.CLERK in roles, Role.ADMINISTRATOR in roles
    return [
        OVERVIEW,
        *([SEND] if is_clerk else []),
        TRANSFERS,
        INBOX,
        ACCOUNTS,
        CERTIFICATES,
        *([MEMBERS] if is_administrator else []),
        *([LOCKED] if person.is_helpdesk and not is_administrator else []),
        *([EVENTS] if is_administrator or person.is_helpdesk else []),
    ]


@register.inclusion_tag("people/_navigation.html", takes_context=True)
def navigation(context: dict[str, Any]) -> dict[str, list[Link]]:
    """Show the way to every page that the person may use."""
    request = context["request"]
    here = request.resolver_match.url_name if request.resolver_match else None
    return {
        "links": [
            Link(
                url=reverse(destination.name),
                label=destination.label,
                is_current=here == destination.name or here in destination.under,
            )
            for destination in destinations(request.user)
        ]
    }
