"""Which services of an account a file name fits."""

from collections.abc import Sequence

from exchange.messages import NamePattern, PatternError
from exchange.models import Service
from exchange.services.checks.finding import Finding, Severity


def check_name(services: Sequence[Service], name: str) -> list[Finding]:
    """Warn of a name that fits none of the services; without services there is nothing to fit."""
    if not services or services_of_name(services, name):
        return []
    return [Finding("check.name", Severity.WARNING)]


def services_of_name(services: Sequence[Service], name: str) -> list[Service]:
    return [service for service in services if fits(service, name)]


def fits(service: Service, name: str) -> bool:
    try:
        return NamePattern(service.pattern).matches(name)
    except PatternError:
        # The service that writes patterns refuses such a one; a row from elsewhere fits nothing.
        return False
