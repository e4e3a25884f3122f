"""``manage.py certificates``: list everything that expires, what ends first at the front."""

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from certificates.queries.expiring import ExpiringThing, expiring_things
from exchange.filenames import shown, shown_path
from exchange.management.command import PortalCommand, wrong_usage
from exchange.management.transfer_lines import write_array
from magda_portal.people.models import Organisation

MOST_DAYS = 36_500


class Command(PortalCommand):
    help = (
        "List client certificates, server certificates, trust anchors and revocation lists, what "
        "ends first at the front: valid until, days left, kind, name, environment, in use, "
        "revocation, fingerprint, organisations. Ends with 0 also when something has expired: "
        "days left say so, negative after the end."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one array of objects")
        parser.add_argument(
            "--expiring-within",
            type=int,
            metavar="DAYS",
            help="only what has expired or will within so many days",
        )

    def work(self, options: dict[str, Any]) -> bool:
        now = timezone.now()
        things = expiring_things(Organisation.objects.all(), now=now)
        days = options["expiring_within"]
        if days is not None:
            if not 0 <= days <= MOST_DAYS:
                raise wrong_usage(f"--expiring-within takes 0 to {MOST_DAYS} days.")
            things = [thing for thing in things if thing.not_after <= now + timedelta(days=days)]
        if options["json"]:
            write_array(self.stdout, (thing.facts() for thing in things))
        else:
            for thing in things:
                self.say(_line(thing))
        return True


def _line(thing: ExpiringThing) -> str:
    """Describe a thing in columns between tabs; names that came from outside are made safe."""
    facts = thing.facts()
    columns = (
        facts["not_after"],
        facts["days_left"],
        facts["kind"],
        shown_path(facts["name"]),
        facts["environment"],
        "in use" if facts["in_use"] else "not in use",
        facts["revocation"],
        facts["fingerprint"],
        ", ".join(map(shown, facts["organisations"])),
    )
    return "\t".join(map(str, columns))
