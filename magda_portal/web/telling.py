"""Tell people once: mark before the mail leaves, and take the mark back when it may leave later.

Rather no mail than the same mail again and again: a process that dies between mark and mail has
told nobody, and nobody is told twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.core.mail import EmailMessage
from django.db import models

from magda_portal.web.mailing import MailDeferredError, send

Mark = TypeVar("Mark")


def tell_once(
    message: EmailMessage,
    *,
    mark: Callable[[], Mark | None],
    unmark: Callable[[Mark], object],
    record: Callable[[Mark], object],
) -> bool:
    """Mark, mail, and tell the trail; return whether this call did. Raises MailError.

    ``mark`` commits that people are told and returns what ``unmark`` needs to take it back; what
    is false says that somebody else tells them, or that there is nothing to tell any more. A mail
    that is refused for good keeps its mark.
    """
    marked = mark()
    if not marked:
        return False
    try:
        send(message)
    except MailDeferredError:
        unmark(marked)
        raise
    record(marked)
    return True


@dataclass(frozen=True, slots=True)
class ToldAt:
    """The column of a row that says when people were told, and when they are told now."""

    row: models.Model
    column: str
    now: datetime

    def mark(self, **still: object) -> bool:
        """Write the column unless somebody did since the row was read; return whether it was us.

        ``still`` are columns that must not have changed either.
        """
        unmarked = self._rows(getattr(self.row, self.column)).filter(**still)
        return bool(unmarked.update(**{self.column: self.now}))

    def unmark(self, _marked: bool) -> None:
        """Write back what stood there before, if what we wrote still stands."""
        self._rows(self.now).update(**{self.column: getattr(self.row, self.column)})

    def _rows(self, told_at: datetime | None) -> models.QuerySet[models.Model]:
        return self.row._meta.base_manager.filter(pk=self.row.pk, **{self.column: told_at})
