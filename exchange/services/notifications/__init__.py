"""Tell each person by mail what they chose to hear of: at once, or once a day.

The road of a notification::

    trail, ledger ──note──→ Notice (one per person and thing) ──send──→ one mail about many
                                                            └─drop──→ nothing left to tell

Every step may be repeated and run twice at once: a thing is noted once per person by a unique
constraint, and a mail leaves once per person and slot by another.
"""

from exchange.services.notifications.files import note_files_at_risk
from exchange.services.notifications.forgetting import forget_notices
from exchange.services.notifications.sending import send_notifications
from exchange.services.notifications.trail import note_events

__all__ = ["forget_notices", "note_events", "note_files_at_risk", "send_notifications"]
