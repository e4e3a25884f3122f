"""A mail server that refuses some mailboxes, for tests of who is told nevertheless."""

from collections.abc import Sequence
from smtplib import SMTPRecipientsRefused

from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend

UNKNOWN = "niemand@weg.example"
"""A mailbox that does not exist."""
FULL = "vol@voorbeeld.example"
"""A mailbox that takes no mail just now."""
PICKY = f"{__name__}.PickyBackend"
_REPLIES = {UNKNOWN: (550, b"no such user"), FULL: (452, b"mailbox full")}


class PickyBackend(EmailBackend):
    """Keeps a mail in ``django.core.mail.outbox`` unless all its recipients are refused.

    ``tries`` are those whom a mail was meant for, since it was last cleared.
    """

    tries: list[str] = []

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        for message in messages:
            PickyBackend.tries.extend(message.to)
            refused = {one: _REPLIES[one] for one in message.to if one in _REPLIES}
            if len(refused) == len(message.to):
                raise SMTPRecipientsRefused(refused)
        return super().send_messages(messages)
