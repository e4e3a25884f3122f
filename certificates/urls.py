"""Addresses of the certificate pages."""

from django.urls import path

from certificates.views.calendar import calendar, calendar_feed, calendar_remove
from certificates.views.expiry import (
    expiry,
    expiry_acknowledge,
    expiry_stop_warning,
    expiry_warn,
)
from certificates.views.exports import certificate_download, key_pair_export
from certificates.views.identities import certificates, identity_show
from certificates.views.imports import certificate_import
from certificates.views.key_pairs import key_pair_destroy, key_pair_spare
from certificates.views.mailbox import identity_mailbox
from certificates.views.relay import (
    certificate_activate,
    next_discard,
    switch_cancel,
    switch_plan,
)
from certificates.views.requests import request_download, request_make, request_show
from certificates.views.revocation import revocation_list_upload, revocation_lists
from certificates.views.self_signed import self_signed_make
from certificates.views.trust import trust_anchor_remove, trust_anchors
from certificates.views.trust_adding import trust_anchor_add
from certificates.views.watch import (
    server_addresses,
    server_alarm_acknowledge,
    server_show,
    servers,
    sighting_trust,
)

urlpatterns = [
    path("", certificates, name="certificates"),
    path("<int:identity_id>/", identity_show, name="identity_show"),
    path("<int:identity_id>/import/", certificate_import, name="certificate_import"),
    path("<int:identity_id>/requests/make/", request_make, name="request_make"),
    path("<int:identity_id>/requests/<int:request_id>/", request_show, name="request_show"),
    path(
        "<int:identity_id>/requests/<int:request_id>/<str:form>/",
        request_download,
        name="request_download",
    ),
    path("<int:identity_id>/self-signed/", self_signed_make, name="self_signed_make"),
    path("<int:identity_id>/activate/", certificate_activate, name="certificate_activate"),
    path("<int:identity_id>/plan/", switch_plan, name="switch_plan"),
    path("<int:identity_id>/plan/cancel/", switch_cancel, name="switch_cancel"),
    path("<int:identity_id>/discard/", next_discard, name="next_discard"),
    path(
        "<int:identity_id>/certificates/<int:certificate_id>/export/",
        key_pair_export,
        name="key_pair_export",
    ),
    path(
        "<int:identity_id>/certificates/<int:certificate_id>/<str:form>/",
        certificate_download,
        name="certificate_download",
    ),
    path(
        "<int:identity_id>/keys/<uuid:key_pair_id>/destroy/",
        key_pair_destroy,
        name="key_pair_destroy",
    ),
    path("<int:identity_id>/keys/<uuid:key_pair_id>/keep/", key_pair_spare, name="key_pair_spare"),
    path("trust/", trust_anchors, name="trust_anchors"),
    path("trust/add/", trust_anchor_add, name="trust_anchor_add"),
    path("trust/<int:anchor_id>/remove/", trust_anchor_remove, name="trust_anchor_remove"),
    path("<int:identity_id>/mailbox/", identity_mailbox, name="identity_mailbox"),
    path("expiry/", expiry, name="expiry"),
    path("expiry/<int:notice_id>/acknowledge/", expiry_acknowledge, name="expiry_acknowledge"),
    path("expiry/warn/<int:organisation_id>/", expiry_warn, name="expiry_warn"),
    path("expiry/stop/<int:organisation_id>/", expiry_stop_warning, name="expiry_stop_warning"),
    path("calendar/", calendar, name="calendar"),
    path("calendar/remove/", calendar_remove, name="calendar_remove"),
    path("calendar/<str:token>.ics", calendar_feed, name="calendar_feed"),
    path("revocation/", revocation_lists, name="revocation_lists"),
    path("revocation/upload/", revocation_list_upload, name="revocation_list_upload"),
    path("servers/", servers, name="servers"),
    path("servers/<int:server_id>/", server_show, name="server_show"),
    path(
        "servers/<int:server_id>/addresses/<int:organisation_id>/",
        server_addresses,
        name="server_addresses",
    ),
    path(
        "servers/alarms/<int:alarm_id>/acknowledge/",
        server_alarm_acknowledge,
        name="server_alarm_acknowledge",
    ),
    path("sightings/<int:sighting_id>/trust/", sighting_trust, name="sighting_trust"),
]
