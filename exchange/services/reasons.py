"""How long a reason is that a person gives for the history: a sentence, not a word.

The same for a second consultation, whichever way it is asked for, and for the outcome of a delivery
that only a person can tell.
"""

from typing import Final

SHORTEST_REASON: Final = 10
LONGEST_REASON: Final = 300


def why_no_reason(text: str) -> str:
    """Return the code of what keeps ``text`` from being a reason; "" for nothing."""
    length = len(text.strip())
    if length < SHORTEST_REASON:
        return "transfer.reason_short"
    return "transfer.reason_long" if length > LONGEST_REASON else ""
