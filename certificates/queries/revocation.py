"""Read the revocation lists, where they come from, and what they say of people's certificates."""

from dataclasses import dataclass

from django.db.models import Count, F

from certificates.models import (
    Certificate,
    ClientIdentity,
    RevocationList,
    RevocationSource,
    RevocationState,
)
from magda_portal.people.access import organisations_seen_by
from magda_portal.people.models import Person


@dataclass(frozen=True, slots=True)
class KnownList:
    """An address with the list it gave, a list that came by hand, or an address without one."""

    source: RevocationSource | None
    revocation_list: RevocationList | None


def known_lists() -> list[KnownList]:
    """Return every list and every address, with two queries; the lists themselves are not read.

    Authorities publish their lists for everybody, so everybody sees all of them.
    """
    sources = RevocationSource.objects.select_related("revocation_list").defer(
        "revocation_list__der"
    )
    by_hand = RevocationList.objects.filter(source=None).defer("der")
    return [
        *(KnownList(source, getattr(source, "revocation_list", None)) for source in sources),
        *(KnownList(None, revocation_list) for revocation_list in by_hand),
    ]


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
