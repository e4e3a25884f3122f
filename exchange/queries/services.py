"""The services of an account, as its page lists them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from exchange.messages import NamePattern, PatternError
from exchange.models import Account, Service


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A service, how many files its schema has, and whether the name that is tried fits."""

    service: Service
    schema_files: int
    fits: bool


def services_of(account: Account, *, name: str = "") -> Sequence[ServiceRow]:
    """Return the services in the order of their names; ``name`` is a file name to try."""
    rows = account.services.annotate(schema_file_count=Count("schema_files")).order_by("name")
    return [ServiceRow(row, row.schema_file_count, bool(name) and fits(row, name)) for row in rows]


def fits(service: Service, name: str) -> bool:
    """Say whether a file of that name is one of the service's requests."""
    try:
        return NamePattern(service.pattern).matches(name)
    except PatternError:
        # The service that writes patterns refuses such a one; a row from elsewhere fits nothing.
        return False
