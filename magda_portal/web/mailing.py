"""Mail in the portal's language, and what one mail that does not leave means for the next.

The errors::

    MailError
    ├── MailRefusedError            this mail is never taken; whoever marked it as sent leaves it so
    └── MailDeferredError           not now: it is worth trying again
        └── MailServerAwayError     nor is any other, so that a round ends here
"""

import logging
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused
from typing import Final, TypeVar

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import DatabaseError
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise

logger = logging.getLogger(__name__)

_LONGEST_SUBJECT: Final = 200
# What steers, hides or separates: control, format, surrogate, line and paragraph separator.
_NOT_SHOWN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# "Service not available, closing transmission channel" (RFC 5321, 4.2.3), to any command.
_CLOSING: Final = 421
_PERMANENT: Final = 500

Thing = TypeVar("Thing")


class MailError(Exception):
    """A mail did not leave."""


class MailRefusedError(MailError):
    """The mail is not taken, now or later: its mailbox does not exist, its address is none.

    Who marked it as sent keeps the mark, or the same mail would fail in every round.
    """


class MailDeferredError(MailError):
    """The mail is not taken now, and nobody got it; it is worth trying again."""


class MailServerAwayError(MailDeferredError):
    """The mail server takes no mail at all, so the next one would fare no better."""


def compose(
    template: str,
    *,
    subject: str | Promise,
    context: Mapping[str, object],
    recipients: list[str],
    language: str = "",
) -> EmailMessage:
    """Return a mail in ``language``, or in the portal's.

    What others chose may stand in it, such as the names of a server's certificate: characters that
    would break a header or mislead the eye are written as escapes.
    """
    with translation.override(language or settings.LANGUAGE_CODE):
        body = render_to_string(template, dict(context))
        return EmailMessage(_as_subject(str(subject)), _as_body(body), to=recipients)


def send(message: EmailMessage) -> None:
    """Send one mail. Raises MailRefusedError, MailDeferredError, MailServerAwayError.

    Of what a mail server answers, only a word about the recipients or about the content concerns
    this one mail. All else (no connection, no login, our own address refused) meets every mail.
    """
    connection = get_connection()
    try:
        connection.send_messages([message])
    except SMTPRecipientsRefused as exc:
        raise _refusal([code for code, _ in exc.recipients.values()]) from exc
    except SMTPDataError as exc:
        raise _refusal([exc.smtp_code]) from exc
    except (SMTPException, OSError) as exc:
        # Django leaves a connection open on which it could not log in.
        with suppress(SMTPException, OSError):
            connection.close()
        raise MailServerAwayError(str(exc)) from exc
    except ValueError as exc:
        # BadHeaderError, and an address that can't be written into a header.
        raise MailRefusedError(str(exc)) from exc


def mail_each(tell: Callable[[Thing], bool], things: Iterable[Thing]) -> int:
    """Let ``tell`` mail about each thing; return of how many it said that a mail went out.

    A mail that fails keeps no other one back. Only a mail server that takes none ends the round:
    one that hangs costs one time limit, not one for each mail. ``tell`` composes the mail and
    leaves the rest to :func:`magda_portal.web.telling.tell_once`; it passes on every MailError.
    """
    sent = 0
    for thing in things:
        try:
            sent += tell(thing)
        except MailServerAwayError:
            logger.exception("No mail can be sent now; it is tried again at the next round.")
            break
        except MailDeferredError as exc:
            logger.warning("The mail about %s is tried again at the next round: %s", thing, exc)
        except MailRefusedError:
            logger.exception("The mail about %s is not taken, and not sent again.", thing)
        except DatabaseError:
            raise
        except Exception:
            # One thing's surprise must not keep people from hearing of the others.
            logger.exception("The mail about %s could not be made.", thing)
    return sent


def _refusal(codes: list[int]) -> MailError:
    """Return the error for the replies to one mail (RFC 5321, 4.2.1: 4yz may pass, 5yz stays)."""
    reason = "answered " + ", ".join(str(code) for code in codes)
    if _CLOSING in codes:
        return MailServerAwayError(reason)
    is_final = all(code >= _PERMANENT for code in codes)
    return MailRefusedError(reason) if is_final else MailDeferredError(reason)


def _as_subject(text: str) -> str:
    return "".join(_legible(character) for character in text)[:_LONGEST_SUBJECT]


def _as_body(text: str) -> str:
    return "".join("\n" if character == "\n" else _legible(character) for character in text)


def _legible(character: str) -> str:
    if unicodedata.category(character) not in _NOT_SHOWN:
        return character
    number = ord(character)
    return f"\\x{number:02x}" if number <= 0xFF else f"\\u{number:04x}"
