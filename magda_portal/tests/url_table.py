"""The table of every address of the portal: who gets what there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from certificates.models import TrustAnchor
from exchange.models import Account, Subscription, Transfer, WhitelistedAddress
from magda_portal.people.models import Membership
from magda_portal.tests.world import Visitor, World

LOGIN: Final = -302
"""Stands for a redirect to the login page."""
NO_TRANSFER: Final[Mapping[str, object]] = {"pk": 10**30}
"""Of no transfer, and more than a database's integer holds."""
NO_ACCOUNT: Final[Mapping[str, object]] = {"pk": "00000000-0000-0000-0000-000000000000"}
NO_IDENTITY: Final[Mapping[str, object]] = {"identity_id": 10**30}
NO_ADDRESS: Final[Mapping[str, object]] = {**NO_ACCOUNT, "address": 1}
NO_PREFIX: Final[Mapping[str, object]] = {**NO_ACCOUNT, "subscription": 1}
NO_ANCHOR: Final[Mapping[str, object]] = {"anchor_id": 10**30}


@dataclass(frozen=True)
class Things:
    """One of everything, belonging to the organisation of ``world``."""

    world: World
    account: Account
    request: Transfer
    answer: Transfer
    address: WhitelistedAddress
    subscription: Subscription
    membership: Membership
    anchor: TrustAnchor


def nothing(_things: Things) -> dict[str, object]:
    return {}


def transfer(things: Things) -> dict[str, object]:
    return {"pk": things.request.pk}


def content(things: Things) -> dict[str, object]:
    return {"pk": things.answer.pk}


def account(things: Things) -> dict[str, object]:
    return {"pk": things.account.pk}


def address(things: Things) -> dict[str, object]:
    return {**account(things), "address": things.address.pk}


def subscription(things: Things) -> dict[str, object]:
    return {**account(things), "subscription": things.subscription.pk}


def identity(things: Things) -> dict[str, object]:
    return {"identity_id": things.account.identity.pk}


def anchor(things: Things) -> dict[str, object]:
    return {"anchor_id": things.anchor.pk}


def membership(things: Things) -> dict[str, object]:
    return {"pk": things.membership.pk}


def used_key(_things: Things) -> dict[str, object]:
    return {"uidb36": "zzzzz", "key": "no-such-key"}


@dataclass(frozen=True)
class Row:
    """What each visitor gets, in the order of :class:`Visitor`.

    ``missing`` are arguments of an object that does not exist; ``wrong`` is a method that the
    address refuses with 405.
    """

    anonymous: int
    clerk: int
    administrator: int
    helpdesk: int
    stranger: int
    method: Literal["get", "post"] = "get"
    wrong: str = "delete"
    arguments: Callable[[Things], Mapping[str, object]] = nothing
    missing: Mapping[str, object] | None = None
    data: Mapping[str, object] = field(default_factory=dict)

    def expected(self, visitor: Visitor) -> int:
        return int(getattr(self, visitor.value))


# fmt: off
TABLE: Final[Mapping[str, Row]] = {
    # anonymous, clerk, administrator, helpdesk, stranger; method, wrong method
    "overview": Row(LOGIN, 200, 200, 200, 200, "get", "post"),
    "send": Row(LOGIN, 200, 403, 403, 200, "get", "delete"),
    "transfers": Row(LOGIN, 200, 200, 200, 200, "get", "post"),
    "transfer_show": Row(LOGIN, 200, 200, 200, 404, "get", "post", transfer, NO_TRANSFER),
    "transfer_cancel": Row(LOGIN, 302, 403, 403, 404, "post", "get", transfer, NO_TRANSFER),
    "transfer_retry": Row(LOGIN, 302, 403, 403, 404, "post", "get", transfer, NO_TRANSFER),
    "transfer_settle": Row(LOGIN, 200, 403, 403, 404, "get", "delete", transfer, NO_TRANSFER),
    "transfer_send_again": Row(LOGIN, 200, 403, 403, 404, "get", "delete", transfer, NO_TRANSFER),
    "payload_download": Row(LOGIN, 200, 403, 403, 404, "get", "post", content, NO_TRANSFER),
    "inbox": Row(LOGIN, 200, 200, 200, 200, "get", "post"),
    "accounts": Row(LOGIN, 200, 200, 200, 200, "get", "post"),
    "account_show": Row(LOGIN, 200, 200, 200, 404, "get", "post", account, NO_ACCOUNT),
    "account_edit": Row(LOGIN, 403, 200, 403, 404, "get", "delete", account, NO_ACCOUNT),
    "account_collect": Row(LOGIN, 302, 302, 403, 404, "post", "get", account, NO_ACCOUNT),
    "account_cache": Row(LOGIN, 200, 403, 403, 404, "get", "post", account, NO_ACCOUNT),
    "cache_send_again": Row(
        LOGIN, 200, 403, 403, 404, "get", "delete", account, NO_ACCOUNT, {"name": "vraag.xml"}
    ),
    "account_suspend": Row(LOGIN, 403, 302, 403, 404, "post", "get", account, NO_ACCOUNT),
    "account_resume": Row(LOGIN, 403, 302, 403, 404, "post", "get", account, NO_ACCOUNT),
    "account_addresses": Row(LOGIN, 200, 200, 200, 404, "get", "delete", account, NO_ACCOUNT),
    "address_activate": Row(LOGIN, 403, 302, 403, 404, "post", "get", address, NO_ADDRESS),
    "address_withdraw": Row(LOGIN, 403, 302, 403, 404, "post", "get", address, NO_ADDRESS),
    "account_subscriptions": Row(LOGIN, 200, 200, 200, 404, "get", "delete", account, NO_ACCOUNT),
    "subscription_remove": Row(LOGIN, 403, 302, 403, 404, "post", "get", subscription, NO_PREFIX),

    "certificates": Row(LOGIN, 200, 200, 200, 200, "get", "post"),
    "identity_show": Row(LOGIN, 200, 200, 200, 404, "get", "post", identity, NO_IDENTITY),
    "certificate_import": Row(LOGIN, 403, 200, 403, 404, "get", "delete", identity, NO_IDENTITY),
    "trust_anchors": Row(LOGIN, 200, 200, 200, 200, "get", "post"),
    "trust_anchor_add": Row(LOGIN, 403, 200, 403, 200, "get", "delete"),
    "trust_anchor_remove": Row(LOGIN, 403, 200, 403, 404, "get", "delete", anchor, NO_ANCHOR),

    "members": Row(LOGIN, 403, 200, 403, 200, "get", "delete"),
    "member_withdraw": Row(LOGIN, 403, 302, 403, 404, "post", "get", membership, NO_TRANSFER),
    "events": Row(LOGIN, 403, 200, 200, 200, "get", "post"),

    "health_live": Row(200, 200, 200, 200, 200, "get", "post"),
    "health_ready": Row(200, 200, 200, 200, 200, "get", "post"),
    "set_language": Row(302, 302, 302, 302, 302, "post", "", data={"language": "en"}),
    "account_login": Row(200, 302, 302, 302, 302, "get", ""),
    "account_logout": Row(302, 200, 200, 200, 200, "get", "delete"),
    "account_inactive": Row(200, 200, 200, 200, 200, "get", "post"),
    "account_signup": Row(404, 404, 404, 404, 404, "get", ""),
    "account_reauthenticate": Row(LOGIN, 200, 200, 200, 200, "get", "delete"),
    "account_change_password": Row(LOGIN, 200, 200, 200, 200, "get", "delete"),
    "account_reset_password": Row(200, 200, 200, 200, 200, "get", "delete"),
    "account_reset_password_done": Row(200, 200, 200, 200, 200, "get", "post"),
    "account_reset_password_from_key": Row(200, 200, 200, 200, 200, "get", "", used_key),
    "account_reset_password_from_key_done": Row(200, 200, 200, 200, 200, "get", "post"),
    "usersessions_list": Row(LOGIN, 200, 200, 200, 200, "get", "delete"),
}
# fmt: on
