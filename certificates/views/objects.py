"""Fetch an object of the page's address as the person may see it, or answer 404 or 403."""

import uuid

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from certificates.models import Certificate, CertificateRequest, ClientIdentity, KeyPair
from certificates.queries import identities_visible_to
from magda_portal.people.access import PersonRequest, has_role
from magda_portal.people.models import Role


def seen_identity(request: PersonRequest, identity_id: int) -> ClientIdentity:
    return get_object_or_404(identities_visible_to(request.user), pk=identity_id)


def managed_identity(request: PersonRequest, identity_id: int) -> ClientIdentity:
    """Return an identity that an administrator of its organisation may change.

    Raises Http404 to people who don't see it, PermissionDenied to those who only see it.
    """
    identity = seen_identity(request, identity_id)
    if not manages(request, identity):
        raise PermissionDenied
    return identity


def manages(request: PersonRequest, identity: ClientIdentity) -> bool:
    return has_role(request.user, Role.ADMINISTRATOR, organisation_id=identity.organisation_id)


def certificate_of(identity: ClientIdentity, certificate_id: int) -> Certificate:
    rows = identity.certificates.select_related("key_pair", "identity")
    return get_object_or_404(rows, pk=certificate_id)


def request_of(identity: ClientIdentity, request_id: int) -> CertificateRequest:
    rows = identity.certificate_requests.select_related("key_pair", "identity")
    return get_object_or_404(rows, pk=request_id)


def key_pair_of(identity: ClientIdentity, key_pair_id: uuid.UUID) -> KeyPair:
    return get_object_or_404(identity.key_pairs.select_related("identity"), pk=key_pair_id)
