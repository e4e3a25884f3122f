"""``manage.py refresh_crls``: fetch the revocation lists that are due, or all of them."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from certificates.advice import advice_for
from certificates.services.revocation import (
    check_certificates,
    refresh_all,
    refresh_due,
    sync_sources,
    tell_revoked,
)
from exchange.management.command import PortalCommand


class Command(PortalCommand):
    help = "Fetch the revocation lists that are due, and check the certificates in use by them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="also the lists that are not due")

    def work(self, options: dict[str, Any]) -> bool:
        now = timezone.now()
        sync_sources(now=now)
        refreshed = refresh_all(now=now) if options["all"] else refresh_due(now=now)
        check_certificates(now=now)
        tell_revoked(now=now)
        for url, found in refreshed.lists.items():
            until = found.next_update.isoformat() if found.next_update else ""
            self.say(f"{url}\t{found.issuer}\t{found.entry_count}\tnext by {until}")
        for url, code in refreshed.errors.items():
            self.complain(f"{url}: {advice_for(code)} [{code}]")
        return not refreshed.errors
