"""``manage.py rotate_keys``: bring what is sealed under the newest key, and verify it all."""

import sys
from typing import Any, Final

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from exchange.management.command import PortalCommand, command_actor
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Details, record
from magda_portal.sealing.columns import SealedColumn
from magda_portal.sealing.ring import Ring, SealingError
from magda_portal.sealing.rotation import Findings, Rotation, rotate, verify

PROGRESS_EVERY: Final = 1000
STILL_SEALING: Final = (
    "Something still seals with an older key. Restart web, workers and beat, and run this again."
)


class Command(PortalCommand):
    help = (
        "Re-wrap every sealed secret under the first key of SEALING_KEYS and verify that it opens."
        " May be interrupted and repeated. Prints key, number of secrets and what the key is"
        " there for."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="only verify and count; change nothing"
        )

    def work(self, options: dict[str, Any]) -> bool:
        try:
            ring = Ring.parse(settings.SEALING_KEYS)
        except SealingError as exc:
            raise CommandError(f"{exc} Restore it from the back-up of the keys.") from exc
        progress = _Progress(self)
        if options["check"]:
            findings = verify(ring, on_value=progress)
            self._tell(ring, findings)
            return not findings.faults
        rotation = rotate(ring, on_value=progress)
        _record(rotation)
        self.say(f"re-wrapped\t{rotation.rewrapped}")
        self._tell(ring, rotation.findings)
        if not rotation.is_settled:
            self.complain(STILL_SEALING)
        return rotation.is_settled and not rotation.findings.faults

    def _tell(self, ring: Ring, findings: Findings) -> None:
        known = [*ring.keys, *sorted(ring.lost)]
        for key_id in [*known, *sorted(findings.counts.keys() - set(known))]:
            count = findings.counts[key_id]
            self.say(f"{key_id}\t{count}\t{_standing(ring, key_id, count)}")
        for fault in findings.faults:
            self.complain(fault)


class _Progress:
    """Tell a person who watches how far it is."""

    def __init__(self, command: PortalCommand) -> None:
        self.command = command
        self.seen = 0

    def __call__(self, column: SealedColumn) -> None:
        self.seen += 1
        if self.seen % PROGRESS_EVERY == 0 and sys.stderr.isatty():
            self.command.complain(f"{self.seen} values looked at, now in {column}")


def _standing(ring: Ring, key_id: str, count: int) -> str:
    """Say what a key is there for, in words that scripts may compare."""
    if key_id == ring.first_id:
        return "first"
    if key_id not in ring.keys:
        return "lost" if key_id in ring.lost else "missing"
    return "needed" if count else "may be removed"


def _record(rotation: Rotation) -> None:
    details: Details = {
        "rewrapped": rotation.rewrapped,
        "values_by_key": dict(rotation.findings.counts),
        "faults": len(rotation.findings.faults),
    }
    record(Action.SEALING_ROTATED, actor=command_actor(), details=details)
