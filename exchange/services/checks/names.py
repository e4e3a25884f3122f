"""Which services of an account a file name fits."""

from collections.abc import Sequence

from exchange.models import Service
from exchange.queries.services import fits
from exchange.services.checks.finding import Finding, Severity


def check_name(services: Sequence[Service], name: str) -> list[Finding]:
    """Warn of a name that fits none of the services; without services there is nothing to fit."""
    if not services or services_of_name(services, name):
        return []
    return [Finding("check.name", Severity.WARNING)]


def services_of_name(services: Sequence[Service], name: str) -> list[Service]:
    return [service for service in services if fits(service, name)]
