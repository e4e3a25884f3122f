"""What the help explains, and which page belongs to which topic.

A topic is a text of its own in each language, ``templates/help/<language>/<slug>.html``. Pages are
known here by the name of their address only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


@dataclass(frozen=True, slots=True)
class Topic:
    """One page of the help, and the pages of the portal that it explains."""

    slug: str
    title: "StrPromise"
    pages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """Topics that one kind of work needs."""

    title: "StrPromise"
    topics: tuple[Topic, ...]


CHAPTERS: Final = (
    Chapter(
        _("Exchanging files"),
        (
            Topic("overview", _("The overview"), ("overview",)),
            Topic("send", _("Sending a file"), ("send", "send_review")),
            Topic(
                "transfers",
                _("Finding transfers"),
                ("transfers",),
            ),
            Topic(
                "case",
                _("Request and answer: the case"),
                ("transfer_show", "payload_preview", "receipt_show"),
            ),
            Topic(
                "decisions",
                _("When a delivery fails or is uncertain"),
                ("transfer_settle", "transfer_send_again", "account_cache", "cache_send_again"),
            ),
            Topic("inbox", _("Answers and publications"), ("inbox",)),
        ),
    ),
    Chapter(
        _("The connection to MAGDA"),
        (
            Topic(
                "accounts",
                _("Accounts"),
                ("accounts", "account_show", "account_edit", "account_suspend"),
            ),
            Topic(
                "services",
                _("Services: what is checked before sending"),
                (
                    "account_services",
                    "service_add",
                    "service_edit",
                    "service_remove",
                    "service_schema",
                    "schema_remove",
                ),
            ),
            Topic(
                "addresses",
                _("Whitelisted addresses"),
                ("account_addresses", "address_withdraw"),
            ),
            Topic(
                "subscriptions",
                _("Subscriptions"),
                ("account_subscriptions", "subscription_remove"),
            ),
            Topic("folders", _("What stands at MAGDA"), ("account_folders",)),
            Topic(
                "network",
                _("Network and other programs"),
                ("account_network", "account_recipes"),
            ),
        ),
    ),
    Chapter(
        _("Certificates"),
        (
            Topic(
                "certificates",
                _("Certificates and keys"),
                (
                    "certificates",
                    "identity_show",
                    "identity_mailbox",
                    "certificate_import",
                    "request_make",
                    "request_show",
                    "self_signed_make",
                    "key_pair_export",
                    "key_pair_destroy",
                ),
            ),
            Topic(
                "renewal",
                _("Renewing a certificate"),
                ("account_renewal", "certificate_activate", "switch_plan", "next_discard"),
            ),
            Topic("expiry", _("What expires"), ("expiry", "calendar")),
            Topic(
                "servers",
                _("Trusting MAGDA's servers"),
                (
                    "trust_anchors",
                    "trust_anchor_add",
                    "trust_anchor_remove",
                    "servers",
                    "server_show",
                    "server_addresses",
                    "sighting_trust",
                    "revocation_lists",
                    "revocation_list_upload",
                ),
            ),
        ),
    ),
    Chapter(
        _("People and you"),
        (
            Topic(
                "login",
                _("Logging in"),
                (
                    "account_login",
                    "account_logout",
                    "account_inactive",
                    "account_reauthenticate",
                    "account_change_password",
                    "account_reset_password",
                    "account_reset_password_done",
                    "account_reset_password_from_key",
                    "account_reset_password_from_key_done",
                    "usersessions_list",
                ),
            ),
            Topic(
                "notifications",
                _("Your profile and your notifications"),
                ("profile", "notifications"),
            ),
            Topic(
                "members",
                _("Members and roles"),
                ("members", "member_change", "member_remove", "locked_people"),
            ),
            Topic("events", _("The history"), ("events",)),
        ),
    ),
)
"""All of the help, in reading order."""

TOPICS: Final[Mapping[str, Topic]] = {
    topic.slug: topic for chapter in CHAPTERS for topic in chapter.topics
}

_TOPIC_OF: Final[Mapping[str, Topic]] = {
    page: topic for topic in TOPICS.values() for page in topic.pages
}


def topic_of(page: str) -> Topic | None:
    """Return the topic about the page with that name; None when it has none."""
    return _TOPIC_OF.get(page)
