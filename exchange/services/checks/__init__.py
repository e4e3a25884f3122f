"""Check a request file before it is sent: what is found, and whether it stops the file."""

from exchange.services.checks.finding import Finding, Severity
from exchange.services.checks.requests import check_request

__all__ = ["Finding", "Severity", "check_request"]
