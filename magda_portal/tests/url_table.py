"""The table of every address of the portal: who gets what there."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Final, Literal

from django.utils import timezone

from certificates.models import (
    Certificate,
    Environment,
    Expiring,
    ExpiryNotice,
    ServerAlarm,
    TrustAnchor,
)
from certificates.pki import SubjectName, build_request
from certificates.services.calendar import make_feed
from certificates.services.watch import record_sighting
from certificates.tests.builders import make_authority, make_client, make_key
from certificates.tests.servers import make_watched, shown, trust
from exchange.models import Account, Subscription, Transfer, WhitelistedAddress
from exchange.models.transfer import State
from exchange.services.resumable import Announced, begin
from exchange.services.uploads import Parcel, keep_upload
from magda_portal.people.models import Membership
from magda_portal.tests.world import Visitor, World

LOGIN: Final = -302
"""Stands for a redirect to the login page."""
NO_TRANSFER: Final[Mapping[str, object]] = {"pk": 10**30}
"""Of no transfer, and more than a database's integer holds."""
NO_PARCEL: Final[Mapping[str, object]] = {"parcel": "00000000-0000-0000-0000-000000000000"}
NO_UPLOAD: Final[Mapping[str, object]] = {"pk": "00000000-0000-0000-0000-000000000000"}
NO_ACCOUNT: Final[Mapping[str, object]] = {"pk": "00000000-0000-0000-0000-000000000000"}
NO_IDENTITY: Final[Mapping[str, object]] = {"identity_id": 10**30}
NO_NEXT: Final[Mapping[str, object]] = {**NO_ACCOUNT, "place": "next"}
NO_ADDRESS: Final[Mapping[str, object]] = {**NO_ACCOUNT, "address": 1}
NO_PREFIX: Final[Mapping[str, object]] = {**NO_ACCOUNT, "subscription": 1}
NO_SERVICE: Final[Mapping[str, object]] = {**NO_ACCOUNT, "service": 10**30}
NO_NOTICE: Final[Mapping[str, object]] = {"notice_id": 10**30}
NO_ORGANISATION: Final[Mapping[str, object]] = {"organisation_id": 10**30}
NO_TOKEN: Final[Mapping[str, object]] = {"token": "x"}
NO_CERTIFICATE: Final[Mapping[str, object]] = {**NO_IDENTITY, "certificate_id": 1}
NO_CERTIFICATE_FILE: Final[Mapping[str, object]] = {**NO_CERTIFICATE, "form": "pem"}
NO_REQUEST: Final[Mapping[str, object]] = {**NO_IDENTITY, "request_id": 1}
NO_REQUEST_FILE: Final[Mapping[str, object]] = {**NO_REQUEST, "form": "pem"}
NO_KEY: Final[Mapping[str, object]] = {
    **NO_IDENTITY,
    "key_pair_id": "00000000-0000-0000-0000-000000000000",
}
NO_SERVER: Final[Mapping[str, object]] = {"server_id": 10**30}
NO_SIGHTING: Final[Mapping[str, object]] = {"sighting_id": 10**30}
NO_MEMBER: Final[Mapping[str, object]] = {**NO_ORGANISATION, "person_id": 1}
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


def delivered(things: Things) -> dict[str, object]:
    rows = Transfer.objects.filter(pk=things.request.pk)
    rows.update(state=State.DONE, finished_at=timezone.now())
    return transfer(things)


def content(things: Things) -> dict[str, object]:
    return {"pk": things.answer.pk}


def parcel(things: Things) -> dict[str, object]:
    """A parcel with one file, which the clerk brought."""
    bringing = Parcel.of_form(uuid.uuid4(), things.account, things.world.clerk)
    return {"parcel": keep_upload(bringing, "vraag.xml", BytesIO(b"<vraag/>")).parcel}


def part(things: Things) -> dict[str, object]:
    """An upload of which the clerk brought nothing yet."""
    bringing = Parcel.of_form(uuid.uuid4(), things.account, things.world.clerk)
    return {"pk": begin(bringing, Announced("vraag.xml", 8)).pk}


def account(things: Things) -> dict[str, object]:
    return {"pk": things.account.pk}


def next_of(things: Things) -> dict[str, object]:
    """The account's next certificate, which it has not: nobody is called."""
    return {**account(things), "place": "next"}


def address(things: Things) -> dict[str, object]:
    return {**account(things), "address": things.address.pk}


def subscription(things: Things) -> dict[str, object]:
    return {**account(things), "subscription": things.subscription.pk}


def service(things: Things) -> dict[str, object]:
    row = things.account.services.create(name="GeefPersoon", pattern="*.xml")
    return {**account(things), "service": row.pk}


def identity(things: Things) -> dict[str, object]:
    return {"identity_id": things.account.identity.pk}


def notice(things: Things) -> dict[str, object]:
    row = ExpiryNotice.objects.create(
        organisation=things.world.organisation,
        environment=Environment.TNI,
        kind=Expiring.CERTIFICATE,
        threshold_days=30,
    )
    return {"notice_id": row.pk}


def organisation(things: Things) -> dict[str, object]:
    return {"organisation_id": things.world.organisation.pk}


def token(things: Things) -> dict[str, object]:
    return {"token": make_feed(things.world.clerk, now=timezone.now())}


def anchor(things: Things) -> dict[str, object]:
    return {"anchor_id": things.anchor.pk}


def server(things: Things) -> dict[str, object]:
    return {"server_id": make_watched(things.world.organisation).pk}


def server_user(things: Things) -> dict[str, object]:
    return {**server(things), **organisation(things)}


def server_alarm(things: Things) -> dict[str, object]:
    """An alarm of an organisation that trusts another authority than the server's."""
    trust(things.world.organisation, make_authority())
    sighting(things)
    return {"alarm_id": ServerAlarm.objects.latest("pk").pk}


def sighting(things: Things) -> dict[str, object]:
    seen = record_sighting(make_watched(things.world.organisation), shown(), now=timezone.now())
    return {"sighting_id": seen.pk}


def next_certificate(things: Things) -> dict[str, object]:
    """The account's identity, which has a next certificate now."""
    row = things.account.identity
    made = timezone.now()
    row.next = Certificate.objects.create(
        identity=row,
        key_pair=row.key_pairs.create(algorithm="EC P-256", spki_fingerprint="0" * 64),
        der=make_client(row.common_name).der,
        not_before=made,
        not_after=made + timedelta(days=300),
    )
    row.save(update_fields=["next"])
    return identity(things)


def certificate(things: Things) -> dict[str, object]:
    place = next_certificate(things)
    return {**place, "certificate_id": things.account.identity.certificates.get().pk}


def certificate_file(things: Things) -> dict[str, object]:
    return {**certificate(things), "form": "pem"}


def key_pair(things: Things) -> dict[str, object]:
    row = things.account.identity.key_pairs.create(algorithm="EC P-256", spki_fingerprint="1" * 64)
    return {**identity(things), "key_pair_id": row.pk}


def certificate_request(things: Things) -> dict[str, object]:
    row = things.account.identity
    made = row.certificate_requests.create(
        key_pair=row.key_pairs.create(algorithm="EC P-256", spki_fingerprint="2" * 64),
        der=build_request(make_key(), SubjectName(row.common_name)),
        subject=f"CN={row.common_name}",
    )
    return {**identity(things), "request_id": made.pk}


def request_file(things: Things) -> dict[str, object]:
    return {**certificate_request(things), "form": "pem"}


def member(things: Things) -> dict[str, object]:
    row = things.membership
    return {"organisation_id": row.organisation_id, "person_id": row.person_id}


def clerk(things: Things) -> dict[str, object]:
    return {"pk": things.world.clerk.pk}


def topic(_things: Things) -> dict[str, object]:
    return {"slug": "send"}


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
    method: Literal["get", "post", "options"] = "get"
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
    "upload_begin": Row(LOGIN, 204, 403, 403, 204, "options", "delete"),
    "upload_continue": Row(LOGIN, 204, 403, 403, 404, "options", "get", part, NO_UPLOAD),
    "send_review": Row(LOGIN, 200, 403, 403, 404, "get", "delete", parcel, NO_PARCEL),
    "transfers": Row(LOGIN, 200, 200, 200, 200, "get", "post"),
    "transfers_csv": Row(LOGIN, 200, 200, 200, 200, "get", "post"),
    "transfer_show": Row(LOGIN, 200, 200, 200, 404, "get", "post", transfer, NO_TRANSFER),
    "transfer_cancel": Row(LOGIN, 302, 403, 403, 404, "post", "get", transfer, NO_TRANSFER),
    "transfer_retry": Row(LOGIN, 302, 403, 403, 404, "post", "get", transfer, NO_TRANSFER),
    "transfer_settle": Row(LOGIN, 200, 403, 403, 404, "get", "delete", transfer, NO_TRANSFER),
    "transfer_send_again": Row(LOGIN, 200, 403, 403, 404, "get", "delete", transfer, NO_TRANSFER),
    "payload_preview": Row(LOGIN, 200, 403, 403, 404, "get", "post", content, NO_TRANSFER),
    "receipt_show": Row(LOGIN, 200, 200, 200, 404, "get", "post", delivered, NO_TRANSFER),
    "receipt_json": Row(LOGIN, 200, 200, 200, 404, "get", "post", delivered, NO_TRANSFER),
    "payload_download": Row(LOGIN, 200, 403, 403, 404, "get", "post", content, NO_TRANSFER),
    "inbox": Row(LOGIN, 200, 200, 200, 200, "get", "post"),
    "inbox_zip": Row(LOGIN, 302, 403, 403, 302, "post", "get"),
    "accounts": Row(LOGIN, 200, 200, 200, 200, "get", "post"),
    "account_show": Row(LOGIN, 200, 200, 200, 404, "get", "post", account, NO_ACCOUNT),
    "account_edit": Row(LOGIN, 403, 200, 403, 404, "get", "delete", account, NO_ACCOUNT),
    "account_renewal": Row(LOGIN, 200, 200, 200, 404, "get", "post", account, NO_ACCOUNT),
    "account_test_login": Row(LOGIN, 403, 302, 403, 404, "post", "get", next_of, NO_NEXT),
    "account_recipes": Row(LOGIN, 200, 200, 200, 404, "get", "post", account, NO_ACCOUNT),
    "account_trust_file": Row(LOGIN, 200, 200, 200, 404, "get", "post", account, NO_ACCOUNT),
    "account_collect": Row(LOGIN, 302, 302, 403, 404, "post", "get", account, NO_ACCOUNT),
    "account_cache": Row(LOGIN, 200, 403, 403, 404, "get", "post", account, NO_ACCOUNT),
    "cache_send_again": Row(
        LOGIN, 200, 403, 403, 404, "get", "delete", account, NO_ACCOUNT, {"name": "vraag.xml"}
    ),
    "account_suspend": Row(LOGIN, 403, 200, 403, 404, "get", "delete", account, NO_ACCOUNT),
    "account_folders": Row(LOGIN, 200, 200, 200, 404, "get", "post", account, NO_ACCOUNT),
    "account_network": Row(LOGIN, 200, 200, 200, 404, "get", "post", account, NO_ACCOUNT),
    "address_letter": Row(LOGIN, 403, 200, 403, 404, "get", "post", account, NO_ACCOUNT),
    "account_resume": Row(LOGIN, 403, 302, 403, 404, "post", "get", account, NO_ACCOUNT),
    "server_look": Row(LOGIN, 403, 302, 403, 404, "post", "get", server, NO_SERVER),
    "account_addresses": Row(LOGIN, 200, 200, 200, 404, "get", "delete", account, NO_ACCOUNT),
    "address_activate": Row(LOGIN, 403, 302, 403, 404, "post", "get", address, NO_ADDRESS),
    "address_withdraw": Row(LOGIN, 403, 200, 403, 404, "get", "delete", address, NO_ADDRESS),
    "account_subscriptions": Row(LOGIN, 200, 200, 200, 404, "get", "delete", account, NO_ACCOUNT),
    "subscription_remove": Row(
        LOGIN, 403, 200, 403, 404, "get", "delete", subscription, NO_PREFIX
    ),
    "account_services": Row(LOGIN, 200, 200, 200, 404, "get", "post", account, NO_ACCOUNT),
    "service_add": Row(LOGIN, 403, 200, 403, 404, "get", "delete", account, NO_ACCOUNT),
    "service_edit": Row(LOGIN, 403, 200, 403, 404, "get", "delete", service, NO_SERVICE),
    "service_remove": Row(LOGIN, 403, 200, 403, 404, "get", "delete", service, NO_SERVICE),
    "service_schema": Row(LOGIN, 403, 200, 403, 404, "get", "delete", service, NO_SERVICE),
    "schema_remove": Row(LOGIN, 403, 302, 403, 404, "get", "delete", service, NO_SERVICE),

    "certificates": Row(LOGIN, 200, 200, 200, 200, "get", "post"),
    "identity_show": Row(LOGIN, 200, 200, 200, 404, "get", "post", identity, NO_IDENTITY),
    "certificate_import": Row(LOGIN, 403, 200, 403, 404, "get", "delete", identity, NO_IDENTITY),
    "request_make": Row(LOGIN, 403, 200, 403, 404, "get", "delete", identity, NO_IDENTITY),
    "request_show": Row(
        LOGIN, 200, 200, 200, 404, "get", "post", certificate_request, NO_REQUEST
    ),
    "request_download": Row(
        LOGIN, 403, 200, 403, 404, "get", "post", request_file, NO_REQUEST_FILE
    ),
    "self_signed_make": Row(LOGIN, 403, 200, 403, 404, "get", "delete", identity, NO_IDENTITY),
    "certificate_activate": Row(
        LOGIN, 403, 200, 403, 404, "get", "delete", next_certificate, NO_IDENTITY
    ),
    "switch_plan": Row(LOGIN, 403, 200, 403, 404, "get", "delete", next_certificate, NO_IDENTITY),
    "switch_cancel": Row(LOGIN, 403, 302, 403, 404, "post", "get", identity, NO_IDENTITY),
    "next_discard": Row(LOGIN, 403, 200, 403, 404, "get", "delete", next_certificate, NO_IDENTITY),
    # The administrator has to give the password again first.
    "key_pair_export": Row(
        LOGIN, 403, 302, 403, 404, "get", "delete", certificate, NO_CERTIFICATE
    ),
    "certificate_download": Row(
        LOGIN, 200, 200, 200, 404, "get", "post", certificate_file, NO_CERTIFICATE_FILE
    ),
    "key_pair_destroy": Row(LOGIN, 403, 200, 403, 404, "get", "delete", key_pair, NO_KEY),
    "key_pair_spare": Row(LOGIN, 403, 302, 403, 404, "post", "get", key_pair, NO_KEY),
    "identity_mailbox": Row(LOGIN, 403, 200, 403, 404, "get", "delete", identity, NO_IDENTITY),
    "expiry": Row(LOGIN, 200, 200, 200, 200, "get", "post"),
    "expiry_acknowledge": Row(LOGIN, 403, 302, 403, 404, "post", "get", notice, NO_NOTICE),
    "expiry_warn": Row(LOGIN, 302, 302, 404, 404, "post", "get", organisation, NO_ORGANISATION),
    "expiry_stop_warning": Row(
        LOGIN, 302, 302, 404, 404, "post", "get", organisation, NO_ORGANISATION
    ),
    "calendar": Row(LOGIN, 200, 200, 200, 200, "get", "delete"),
    "calendar_remove": Row(LOGIN, 302, 302, 302, 302, "post", "get"),
    "calendar_feed": Row(200, 200, 200, 200, 200, "get", "post", token, NO_TOKEN),
    "revocation_lists": Row(LOGIN, 200, 200, 200, 200, "get", "post"),
    "revocation_list_upload": Row(LOGIN, 403, 200, 403, 200, "get", "delete"),
    "servers": Row(LOGIN, 200, 200, 200, 200, "get", "post"),
    "server_show": Row(LOGIN, 200, 200, 200, 404, "get", "post", server, NO_SERVER),
    "server_addresses": Row(
        LOGIN, 403, 200, 403, 404, "get", "delete", server_user, {**NO_SERVER, **NO_ORGANISATION}
    ),
    "server_alarm_acknowledge": Row(
        LOGIN, 403, 302, 403, 404, "post", "get", server_alarm, {"alarm_id": 10**30}
    ),
    "sighting_trust": Row(LOGIN, 403, 200, 403, 404, "get", "delete", sighting, NO_SIGHTING),
    "trust_anchors": Row(LOGIN, 200, 200, 200, 200, "get", "post"),
    "trust_anchor_add": Row(LOGIN, 403, 200, 403, 200, "get", "delete"),
    "trust_anchor_remove": Row(LOGIN, 403, 200, 403, 404, "get", "delete", anchor, NO_ANCHOR),

    "members": Row(LOGIN, 403, 200, 403, 200, "get", "delete"),
    "member_change": Row(LOGIN, 403, 200, 403, 404, "get", "delete", member, NO_MEMBER),
    "member_remove": Row(LOGIN, 403, 200, 403, 404, "get", "delete", member, NO_MEMBER),
    "member_invite": Row(LOGIN, 403, 302, 403, 404, "post", "get", member, NO_MEMBER),
    "locked_people": Row(LOGIN, 403, 200, 200, 200, "get", "post"),
    "person_unlock": Row(LOGIN, 403, 302, 302, 404, "post", "get", clerk, NO_TRANSFER),
    "events": Row(LOGIN, 403, 200, 200, 200, "get", "post"),
    "events_csv": Row(LOGIN, 403, 200, 200, 200, "get", "post"),

    "profile": Row(LOGIN, 200, 200, 200, 200, "get", "delete"),
    "notifications": Row(LOGIN, 200, 200, 200, 200, "get", "delete"),
    "help_contents": Row(200, 200, 200, 200, 200, "get", "post"),
    "help_topic": Row(200, 200, 200, 200, 200, "get", "post", topic, {"slug": "no-such-topic"}),
    "accessibility": Row(200, 200, 200, 200, 200, "get", "post"),
    "whats_new": Row(200, 200, 200, 200, 200, "get", "post"),

    "health_live": Row(200, 200, 200, 200, 200, "get", "post"),
    "health_ready": Row(200, 200, 200, 200, 200, "get", "post"),
    # Nobody has its token.
    "health_certificates": Row(404, 404, 404, 404, 404, "get", "post"),
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
    "session_stay": Row(LOGIN, 200, 200, 200, 200, "get", "delete"),
}
# fmt: on
