"""Read the revocation lists, where they come from, and what they say of people's certificates."""

from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet

from certificates.models import (
    Certificate,
    ClientIdentity,
    RevocationList,
    RevocationSource,
    RevocationState,
    ServerSighting,
    TrustAnchor,
)
from magda_portal.people.access import organisations_seen_by
from magda_portal.people.models import Organisation, Person


@dataclass(frozen=True, slots=True)
class KnownList:
    """An address with the list it gave, a list that came by hand, or an address without one."""

    source: RevocationSource | None
    revocation_list: RevocationList | None


def known_lists(person: Person) -> list[KnownList]:
    """Return the lists and addresses that have to do with what ``person`` sees.

    Two queries; the lists themselves are not read. Other organisations' servers and anchors name
    addresses too, and with them whom those organisations deal with.
    """
    organisations = organisations_seen_by(person)
    sources = _sources_concerning(organisations).select_related("revocation_list")
    lists = lists_concerning(organisations).filter(source=None).defer("der")
    return [
        *(
            KnownList(source, getattr(source, "revocation_list", None))
            for source in sources.defer("revocation_list__der")
        ),
        *(KnownList(None, revocation_list) for revocation_list in lists),
    ]


def lists_concerning(organisations: QuerySet[Organisation]) -> QuerySet[RevocationList]:
    """Return the lists that something these organisations use names, or whose issuer issued it."""
    certificates = Certificate.objects.filter(identity__organisation__in=organisations)
    anchors = TrustAnchor.objects.filter(Q(organisation=None) | Q(organisation__in=organisations))
    sightings = ServerSighting.objects.filter(server__organisations__in=organisations)
    came_by_hand = Q(source=None) & (
        Q(issuer__in=certificates.values("issuer"))
        | Q(issuer__in=anchors.values("subject"))
        | Q(issuer__in=sightings.values("issuer"))
    )
    return RevocationList.objects.filter(
        came_by_hand | Q(source__in=_sources_concerning(organisations))
    )


def _sources_concerning(organisations: QuerySet[Organisation]) -> QuerySet[RevocationSource]:
    users = RevocationSource.organisations.through.objects.filter(organisation__in=organisations)
    return RevocationSource.objects.filter(
        Q(is_shared=True) | Q(pk__in=users.values("revocationsource"))
    )


def revocation_counts(person: Person) -> dict[RevocationState, int]:
    """Return how many of the certificates that ``person`` sees in use are in each state."""
    in_use = ClientIdentity.objects.filter(organisation__in=organisations_seen_by(person)).values(
        "current"
    )
    counted = (
        Certificate.objects.filter(pk__in=in_use)
        .order_by()
        .values_list(F("revocation"))
        .annotate(Count("pk"))
    )
    found = dict(counted)
    return {state: found.get(state.value, 0) for state in RevocationState}
