"""Read identities, certificates and trust anchors."""

from django.db.models import OuterRef, Q, QuerySet

from certificates.models import Certificate, ClientIdentity, TrustAnchor
from certificates.pki import CertificateInfo, describe, load_certificates, write_certificates
from magda_portal.people.access import organisations_seen_by, organisations_where
from magda_portal.people.models import Organisation, Person, Role


def trust_pem(identity: ClientIdentity) -> bytes:
    """Return the trust anchors that hold for an identity, as PEM; b"" when there are none.

    Those are the shared ones of its environment and its organisation's own.
    """
    anchors = anchors_for(
        organisation_id=identity.organisation_id, environment=identity.environment
    )
    ders = dict.fromkeys(bytes(anchor.der) for anchor in anchors)
    return b"".join(write_certificates(load_certificates(der)) for der in ders)


def anchors_for(
    *, organisation_id: int | OuterRef, environment: str | OuterRef
) -> QuerySet[TrustAnchor]:
    """Return the trust anchors that hold for an organisation's accounts in one environment."""
    return TrustAnchor.objects.filter(
        Q(organisation=None) | Q(organisation=organisation_id), environment=environment
    )


def identities_visible_to(person: Person) -> QuerySet[ClientIdentity]:
    """Return the identities whose certificates ``person`` may see."""
    return ClientIdentity.objects.filter(
        organisation__in=organisations_seen_by(person)
    ).select_related("organisation", "current", "next")


def trust_anchors_visible_to(person: Person) -> QuerySet[TrustAnchor]:
    """Return the anchors that hold for an organisation ``person`` sees, the shared ones too."""
    return TrustAnchor.objects.filter(
        Q(organisation=None) | Q(organisation__in=organisations_seen_by(person))
    ).select_related("organisation")


def organisations_managed_by(person: Person) -> QuerySet[Organisation]:
    """Return the organisations whose certificates and anchors ``person`` may change."""
    return organisations_where(person, Role.ADMINISTRATOR)


def chain_of(certificate: Certificate) -> list[CertificateInfo]:
    """Describe the issuers that came with a certificate, nearest first."""
    if not certificate.chain_pem:
        return []
    return [describe(issuer) for issuer in load_certificates(certificate.chain_pem.encode())]
