"""The promise, checked after every run: four points, each a list of complaints.

See "The promise" in ``docs/reliability.md``. A check is made when the dust has settled: no worker
is at work on the account any more.
"""

from faults.expectations import Expectations
from faults.oracle.collected import collected_once
from faults.oracle.delivered import delivered_once
from faults.oracle.leftovers import nothing_stuck
from faults.oracle.story import one_story

__all__ = ["collected_once", "complaints", "delivered_once", "nothing_stuck", "one_story"]


def complaints(expected: Expectations) -> list[str]:
    """Return everything that breaks the promise; every run must end in an empty list."""
    return [
        *expected.witness.breaches(expected.account.name),
        *delivered_once(expected),
        *collected_once(expected),
        *nothing_stuck(expected),
        *one_story(expected),
    ]
