"""How long a reason is that a person gives for the history: a sentence, not a word.

The same for a second consultation, whichever way it is asked for, and for the outcome of a delivery
that only a person can tell.
"""

from typing import Final

SHORTEST_REASON: Final = 10
LONGEST_REASON: Final = 300


def is_reason(text: str) -> bool:
    """Return whether ``text``, without the spaces around it, has the length of a reason."""
    return SHORTEST_REASON <= len(text.strip()) <= LONGEST_REASON
