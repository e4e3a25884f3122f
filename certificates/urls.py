"""Addresses of the certificate pages."""

from django.urls import path

from certificates.views.identities import certificates, identity_show
from certificates.views.imports import certificate_import
from certificates.views.trust import trust_anchor_add, trust_anchor_remove, trust_anchors

urlpatterns = [
    path("", certificates, name="certificates"),
    path("<int:identity_id>/", identity_show, name="identity_show"),
    path("<int:identity_id>/import/", certificate_import, name="certificate_import"),
    path("trust/", trust_anchors, name="trust_anchors"),
    path("trust/add/", trust_anchor_add, name="trust_anchor_add"),
    path("trust/<int:anchor_id>/remove/", trust_anchor_remove, name="trust_anchor_remove"),
]
