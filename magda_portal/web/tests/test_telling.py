"""Who is told is told once; who could not be told is told later."""

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.test import override_settings

from magda_portal.web.mailing import MailError
from magda_portal.web.telling import tell_once
from magda_portal.web.tests.picky_mail import FULL, PICKY, UNKNOWN


def tell(marks: list[str], *, to: str = "an@voorbeeld.example", marked: str = "mark") -> bool:
    def mark() -> str:
        marks.append("mark")
        return marked

    return tell_once(
        EmailMessage("Subject", "Body", to=[to]),
        mark=mark,
        unmark=lambda mark: marks.append(f"un{mark}"),
        record=lambda mark: marks.append(f"record {mark}"),
    )


def test_it_marks_then_mails_then_tells_the_trail() -> None:
    marks: list[str] = []

    assert tell(marks)

    assert (marks, len(mail.outbox)) == (["mark", "record mark"], 1)


def test_what_somebody_else_marked_is_not_mailed() -> None:
    marks: list[str] = []

    assert not tell(marks, marked="")

    assert (marks, mail.outbox) == (["mark"], [])


@pytest.mark.parametrize(
    ("mailbox", "left"), [(FULL, ["mark", "unmark"]), (UNKNOWN, ["mark"])], ids=["later", "never"]
)
def test_the_mark_is_taken_back_only_when_the_mail_may_leave_later(
    mailbox: str, left: list[str]
) -> None:
    marks: list[str] = []

    with override_settings(EMAIL_BACKEND=PICKY), pytest.raises(MailError):
        tell(marks, to=mailbox)

    assert marks == left
