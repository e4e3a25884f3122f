"""Hand over from one certificate to the next, and step back when the server won't have it.

::

    next ──activate_next──→ current ──prove──→ current, with nothing to step back to
                               └──step_back──→ next; previous is current again

Every change locks the identity and looks again under the lock: two workers, a person and a job
may want the same switch at the same moment, and it happens once.
"""

from certificates.services.actors import PORTAL
from certificates.services.relay.logins import prove, record_login_test, step_back
from certificates.services.relay.places import is_usable, lock_identity, place
from certificates.services.relay.plans import Plan
from certificates.services.relay.switching import (
    activate_due,
    activate_next,
    cancel_switch,
    discard_next,
    plan_switch,
)

__all__ = [
    "PORTAL",
    "Plan",
    "activate_due",
    "activate_next",
    "cancel_switch",
    "discard_next",
    "is_usable",
    "lock_identity",
    "place",
    "plan_switch",
    "prove",
    "record_login_test",
    "step_back",
]
