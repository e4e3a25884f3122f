"""The list of identities: columns only, however many there are."""

from django.db.models import F, QuerySet

from certificates.models import ClientIdentity

_NEVER_SHOWN = ("current__der", "current__chain_pem", "next__der", "next__chain_pem")


def most_urgent_first(identities: QuerySet[ClientIdentity]) -> QuerySet[ClientIdentity]:
    """Order identities by the end of their certificate, those without one first.

    The certificates themselves stay in the database: they are what makes a row heavy.
    """
    ends = F("current__not_after").asc(nulls_first=True)
    return identities.order_by(ends, "common_name", "pk").defer(*_NEVER_SHOWN)
