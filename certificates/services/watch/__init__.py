"""Notice what the servers show, before the next transfer meets it."""

from certificates.services.watch.alarms import send_alarms
from certificates.services.watch.answers import acknowledge, ask_for_look, expect_addresses
from certificates.services.watch.forgetting import forget_sightings
from certificates.services.watch.sightings import judge_all_again, record_failure, record_sighting
from certificates.services.watch.verdicts import Verdict, verdicts_on

__all__ = [
    "Verdict",
    "acknowledge",
    "ask_for_look",
    "expect_addresses",
    "forget_sightings",
    "judge_all_again",
    "record_failure",
    "record_sighting",
    "send_alarms",
    "verdicts_on",
]
