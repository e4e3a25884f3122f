"""Notice what the servers show, before the next transfer meets it."""

from certificates.services.watch.alarms import send_alarms
from certificates.services.watch.answers import acknowledge, expect_addresses
from certificates.services.watch.sightings import record_failure, record_sighting
from certificates.services.watch.verdicts import Verdict, verdicts_on

__all__ = [
    "Verdict",
    "acknowledge",
    "expect_addresses",
    "record_failure",
    "record_sighting",
    "send_alarms",
    "verdicts_on",
]
