"""Every page of the portal: at which address, for whom, in which states.

An address that shows a page and is not here fails a test. ``keys`` says what of the world fills
the address: the argument's name, and what ``e2e.world`` calls the thing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import playwright.sync_api
from django.urls import reverse

from e2e.acts import (
    confirm_password,
    fail_to_log_in,
    open_details,
    send_nothing,
    send_too_much,
    send_wrong_file,
)
from e2e.running import Site, Who
from magda_portal.web.help_topics import TOPICS

Act = Callable[[playwright.sync_api.Page], None]


@dataclass(frozen=True, slots=True)
class View:
    """One page in one state.

    ``state`` tells states of one address apart, and is empty for the page as people mostly see it.
    ``path`` stands in for a URL name where none leads.
    """

    name: str
    who: Who
    keys: Mapping[str, str] = field(default_factory=dict)
    state: str = ""
    query: str = ""
    act: Act | None = None
    path: str = ""
    status: int = 200

    def __str__(self) -> str:
        return "-".join(part for part in (self.name, self.state, self.who.value) if part)

    def address(self, site: Site) -> str:
        """Return where the page is in a running portal."""
        if self.path:
            return site.url + self.path + self.query
        kwargs = {argument: site.keys.get(key, key) for argument, key in self.keys.items()}
        return site.url + reverse(self.name, kwargs=kwargs) + self.query

    @property
    def statuses(self) -> tuple[int, ...]:
        """What the page may be answered with."""
        return (200, 422) if self.shows_errors else (self.status,)

    @property
    def shows_errors(self) -> bool:
        """Whether a form was sent that can't be accepted."""
        return self.act in {send_nothing, send_wrong_file}


CLERK, ADMINISTRATOR, HELPDESK = Who.CLERK, Who.ADMINISTRATOR, Who.HELPDESK
NOBODY, NEWCOMER, EVERYTHING = Who.NOBODY, Who.NEWCOMER, Who.EVERYTHING


def _of(key: str) -> dict[str, str]:
    return {"pk": key}


def _identity(key: str = "test_identity", **more: str) -> dict[str, str]:
    return {"identity_id": key, **more}


LOGGING_IN: Final = (
    View("account_login", NOBODY),
    View("account_login", NOBODY, state="error", act=send_nothing),
    View("account_login", NOBODY, state="locked", act=fail_to_log_in, status=429),
    View("account_login", NOBODY, state="while sending", query="?next=/send/"),
    View("account_logout", CLERK),
    View("account_inactive", NOBODY),
    View("account_reauthenticate", ADMINISTRATOR),
    View("account_reauthenticate", ADMINISTRATOR, state="error", act=send_nothing),
    View("account_change_password", CLERK),
    View("account_change_password", CLERK, state="error", act=send_nothing),
    View("account_reset_password", NOBODY),
    View("account_reset_password", NOBODY, state="error", act=send_nothing),
    View("account_reset_password_done", NOBODY),
    View(
        "account_reset_password_from_key",
        NOBODY,
        {"uidb36": "reset_person", "key": "reset_key"},
    ),
    View(
        "account_reset_password_from_key",
        NOBODY,
        {"uidb36": "reset_person", "key": "set-password"},
        state="used",
    ),
    View("account_reset_password_from_key_done", NOBODY),
    View("usersessions_list", CLERK),
)

MAIN_JOB: Final = (
    View("overview", CLERK),
    View("overview", ADMINISTRATOR, state="administrator"),
    View("overview", HELPDESK, state="helpdesk"),
    View("overview", NEWCOMER, state="empty"),
    View("send", CLERK),
    View("send", CLERK, state="error", act=send_nothing),
    View("send", NEWCOMER, state="empty"),
    View("transfers", CLERK),
    View("transfers", HELPDESK, state="helpdesk"),
    View("transfers", NEWCOMER, state="empty"),
    View("transfers", HELPDESK, state="filtered", query="?state=failed"),
    View("transfer_show", CLERK, _of("request")),
    View("transfer_show", CLERK, _of("answer"), state="answer"),
    View("transfer_show", CLERK, _of("failed"), state="failed", act=open_details),
    View("transfer_show", CLERK, _of("uncertain"), state="uncertain"),
    View("transfer_show", CLERK, _of("waiting"), state="waiting"),
    View("transfer_show", CLERK, _of("queued"), state="queued"),
    View("transfer_show", CLERK, _of("cancelled"), state="cancelled"),
    View("transfer_show", CLERK, _of("unnoticed"), state="not picked up"),
    View("transfer_show", CLERK, _of("strange"), state="strange name"),
    View("transfer_show", HELPDESK, _of("failed"), state="helpdesk", act=open_details),
    View("transfer_settle", CLERK, _of("uncertain")),
    View("transfer_settle", CLERK, _of("uncertain"), state="error", act=send_nothing),
    View("transfer_send_again", CLERK, _of("request")),
    View("transfer_send_again", CLERK, _of("request"), state="error", act=send_nothing),
    View("send_review", CLERK, {"parcel": "parcel"}),
    View("send_review", CLERK, {"parcel": "parcel_bad"}, state="bad files"),
    View("send_review", CLERK, {"parcel": "parcel_production"}, state="production"),
    View("payload_preview", CLERK, _of("answer")),
    View("receipt_show", CLERK, _of("request")),
    View("inbox", CLERK),
    View("inbox", HELPDESK, state="helpdesk"),
    View("inbox", NEWCOMER, state="empty"),
)

_WITH_SCHEMA: Final = {"pk": "test", "service": "service_with_schema"}

ACCOUNTS: Final = (
    View("accounts", CLERK),
    View("accounts", HELPDESK, state="helpdesk"),
    View("accounts", NEWCOMER, state="empty"),
    View("account_show", ADMINISTRATOR, _of("practice")),
    View("account_show", CLERK, _of("test"), state="trouble"),
    View("account_show", ADMINISTRATOR, _of("new"), state="new"),
    View("account_show", ADMINISTRATOR, _of("stopped"), state="suspended"),
    View("account_show", HELPDESK, _of("production"), state="helpdesk"),
    View("account_edit", ADMINISTRATOR, _of("practice")),
    View("account_edit", ADMINISTRATOR, _of("practice"), state="error", act=send_nothing),
    View("account_renewal", ADMINISTRATOR, _of("test")),
    View("account_renewal", CLERK, _of("practice"), state="nothing next"),
    View("account_recipes", CLERK, _of("practice")),
    View("account_cache", CLERK, _of("practice")),
    View("account_cache", CLERK, _of("test"), state="not reached"),
    View("cache_send_again", CLERK, _of("practice"), query="?name=verzoek.xml"),
    View("account_addresses", ADMINISTRATOR, _of("practice")),
    View("account_addresses", ADMINISTRATOR, _of("practice"), state="error", act=send_nothing),
    View("account_addresses", CLERK, _of("production"), state="full"),
    View("account_addresses", ADMINISTRATOR, _of("new"), state="empty"),
    View("account_subscriptions", ADMINISTRATOR, _of("practice")),
    View("account_subscriptions", ADMINISTRATOR, _of("practice"), state="error", act=send_nothing),
    View("account_subscriptions", CLERK, _of("new"), state="empty"),
    View("subscription_remove", ADMINISTRATOR, {"pk": "practice", "subscription": "subscription"}),
    View("account_folders", CLERK, _of("practice")),
    View("account_folders", CLERK, _of("test"), state="not reached"),
    View("account_network", CLERK, _of("practice")),
    View("account_network", HELPDESK, _of("production"), state="production"),
    View("account_suspend", ADMINISTRATOR, _of("practice")),
    View("address_withdraw", ADMINISTRATOR, {"pk": "practice", "address": "address_used"}),
    View("account_services", ADMINISTRATOR, _of("practice")),
    View("account_services", CLERK, _of("new"), state="empty"),
    View("service_add", ADMINISTRATOR, _of("practice")),
    View("service_add", ADMINISTRATOR, _of("practice"), state="error", act=send_nothing),
    View("service_edit", ADMINISTRATOR, {"pk": "practice", "service": "service"}),
    View("service_remove", ADMINISTRATOR, {"pk": "practice", "service": "service"}),
    View("service_schema", ADMINISTRATOR, {"pk": "practice", "service": "service"}),
    View("service_schema", ADMINISTRATOR, _WITH_SCHEMA, state="full"),
    View("schema_remove", ADMINISTRATOR, _WITH_SCHEMA),
    View(
        "service_schema",
        ADMINISTRATOR,
        {"pk": "practice", "service": "service"},
        state="error",
        act=send_wrong_file,
    ),
)

CERTIFICATES: Final = (
    View("certificates", ADMINISTRATOR),
    View("certificates", HELPDESK, state="helpdesk"),
    View("certificates", NEWCOMER, state="empty"),
    View("identity_show", ADMINISTRATOR, _identity()),
    View("identity_show", CLERK, _identity("new_identity"), state="new"),
    View("certificate_import", ADMINISTRATOR, _identity()),
    View("certificate_import", ADMINISTRATOR, _identity(), state="error", act=send_wrong_file),
    View("request_make", ADMINISTRATOR, _identity("new_identity")),
    View("request_show", ADMINISTRATOR, _identity("new_identity", request_id="request_csr")),
    View("self_signed_make", ADMINISTRATOR, _identity("new_identity")),
    View("certificate_activate", ADMINISTRATOR, _identity()),
    View("switch_plan", ADMINISTRATOR, _identity()),
    View("switch_plan", ADMINISTRATOR, _identity(), state="error", act=send_nothing),
    View("next_discard", ADMINISTRATOR, _identity()),
    View(
        "key_pair_export",
        EVERYTHING,
        _identity(certificate_id="certificate"),
        act=confirm_password,
    ),
    View(
        "key_pair_destroy",
        ADMINISTRATOR,
        _identity("new_identity", key_pair_id="spare_key"),
    ),
    View(
        "key_pair_destroy",
        ADMINISTRATOR,
        _identity("new_identity", key_pair_id="spare_key"),
        state="error",
        act=send_nothing,
    ),
    View("identity_mailbox", ADMINISTRATOR, _identity()),
    View("expiry", ADMINISTRATOR),
    View("expiry", NEWCOMER, state="empty"),
    View("calendar", CLERK),
    View("calendar", HELPDESK, state="none yet"),
    View("revocation_lists", CLERK),
    View("revocation_list_upload", ADMINISTRATOR),
    View("revocation_list_upload", ADMINISTRATOR, state="error", act=send_wrong_file),
    View("servers", CLERK),
    View("servers", NEWCOMER, state="empty"),
    View("server_show", ADMINISTRATOR, {"server_id": "server"}),
    View(
        "server_addresses",
        ADMINISTRATOR,
        {"server_id": "server", "organisation_id": "organisation"},
    ),
    View("sighting_trust", ADMINISTRATOR, {"sighting_id": "sighting"}),
    View(
        "sighting_trust",
        ADMINISTRATOR,
        {"sighting_id": "sighting"},
        state="error",
        act=send_nothing,
    ),
    View("trust_anchors", ADMINISTRATOR),
    View("trust_anchor_add", ADMINISTRATOR),
    View("trust_anchor_add", ADMINISTRATOR, state="error", act=send_wrong_file),
    View("trust_anchor_remove", ADMINISTRATOR, {"anchor_id": "anchor"}),
)

_MEMBER: Final = {"organisation_id": "organisation", "person_id": "member"}

PEOPLE: Final = (
    View("members", ADMINISTRATOR),
    View("members", ADMINISTRATOR, state="error", act=send_nothing),
    View("member_change", ADMINISTRATOR, _MEMBER),
    View("member_remove", ADMINISTRATOR, _MEMBER),
    View("locked_people", HELPDESK),
    View("profile", CLERK),
    View("notifications", CLERK),
    View("notifications", ADMINISTRATOR, state="administrator"),
    View("events", HELPDESK),
    View("events", ADMINISTRATOR, state="administrator"),
)

HELP: Final = (
    View("help_contents", CLERK),
    View("help_contents", NOBODY, state="nobody"),
    View("help_topic", CLERK, {"slug": "send"}),
    *(
        View("help_topic", CLERK, {"slug": slug}, state=slug)
        for slug in sorted(TOPICS)
        if slug != "send"
    ),
    View("accessibility", NOBODY),
    View("whats_new", CLERK),
)

ERRORS: Final = (
    View("error 404", CLERK, path="/no/such/page/", status=404),
    View("error 404", NOBODY, path="/no/such/page/", state="nobody", status=404),
    View("error 413", NOBODY, path="/login/", act=send_too_much, status=413),
    View("error 403", HELPDESK, path="/send/", status=403),
)

VIEWS: Final = (*LOGGING_IN, *MAIN_JOB, *ACCOUNTS, *CERTIFICATES, *PEOPLE, *HELP, *ERRORS)
NAMES: Final = frozenset(view.name for view in VIEWS)
