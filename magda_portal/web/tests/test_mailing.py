"""Mail that leaves, and mail that does not."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.mail import EmailMessage
from django.db import DatabaseError
from django.test import override_settings
from django.utils.translation import gettext_lazy
from pytest_django.fixtures import Settings

from magda_portal.web.mailing import (
    MailDeferredError,
    MailError,
    MailRefusedError,
    MailServerAwayError,
    compose,
    mail_each,
    send,
)
from magda_portal.web.tests.smtp_server import SMTPServer


def through(server: SMTPServer, **settings: object) -> override_settings:
    return override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=server.port,
        EMAIL_TIMEOUT=2,
        **settings,
    )


def a_mail(subject: str = "Subject", to: str = "an@voorbeeld.example") -> EmailMessage:
    return EmailMessage(subject, "Body", "portal@voorbeeld.example", [to])


def test_a_mail_that_is_taken_raises_nothing() -> None:
    with SMTPServer() as server, through(server):
        send(a_mail())

    (mail,) = server.mails
    assert "Subject: Subject" in mail


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"rcpt_to": "550 no such user"}, MailRefusedError),
        ({"rcpt_to": "450 try again later"}, MailDeferredError),
        ({"rcpt_to": "421 closing"}, MailServerAwayError),
        ({"data": "554 no"}, MailRefusedError),
        ({".": "554 looks like spam"}, MailRefusedError),
        ({".": "451 greylisted"}, MailDeferredError),
        ({".": "421 closing"}, MailServerAwayError),
        ({".": ""}, MailServerAwayError),
        ({"mail_from": "550 not yours to send"}, MailServerAwayError),
        ({"greeting": "554 nobody is served here"}, MailServerAwayError),
        ({"greeting": ""}, MailServerAwayError),
    ],
)
def test_what_the_mail_server_says_decides_what_becomes_of_the_mail(
    answers: dict[str, str], error: type[MailError]
) -> None:
    with SMTPServer(**answers) as server, through(server), pytest.raises(MailError) as caught:
        send(a_mail())

    assert type(caught.value) is error


@pytest.mark.parametrize(
    "settings", [{"EMAIL_USE_TLS": True}, {"EMAIL_HOST_USER": "x", "EMAIL_HOST_PASSWORD": "y"}]
)
def test_a_mail_server_that_does_not_let_us_in_takes_no_mail(settings: dict[str, object]) -> None:
    with SMTPServer() as server, through(server, **settings), pytest.raises(MailServerAwayError):
        send(a_mail())


def test_where_nobody_listens_no_mail_is_taken() -> None:
    with SMTPServer() as server:
        pass

    with through(server), pytest.raises(MailServerAwayError):
        send(a_mail())


@pytest.mark.parametrize("mail", [a_mail("two\nlines"), a_mail(to="a@b.example\nBcc: c@d.example")])
def test_a_mail_that_cannot_be_written_concerns_no_other(mail: EmailMessage) -> None:
    with SMTPServer() as server, through(server), pytest.raises(MailRefusedError):
        send(mail)


@pytest.fixture
def template(tmp_path: Path, settings: Settings) -> str:
    """A template that shows the name that it is given, in the portal's language."""
    text = "{% load i18n %}{% autoescape off %}{% translate 'Monday' %}:\n{{ name }}\n"
    (tmp_path / "mail.txt").write_text(text + "{% endautoescape %}")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    return "mail.txt"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("d'Été & Zn <x>", "d'Été & Zn <x>"),
        ("a\r\nBcc: x", "a\\x0d\nBcc: x"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\u202egpj", "\\u202egpj"),
    ],
)
@override_settings(LANGUAGE_CODE="nl")
def test_a_body_hides_nothing_and_turns_nothing_around(
    template: str, name: str, shown: str
) -> None:
    message = compose(template, subject="x", context={"name": name}, recipients=["a@b.example"])

    assert message.body == f"maandag:\n{shown}\n"


@pytest.mark.parametrize(
    ("subject", "written"),
    [
        ("a\r\nBcc: x@y.example", "a\\x0d\\x0aBcc: x@y.example"),
        ("a\u2028b\u202e", "a\\u2028b\\u202e"),
        ("x" * 999, "x" * 200),
        (gettext_lazy("Monday"), "maandag"),
    ],
)
@override_settings(LANGUAGE_CODE="nl")
def test_a_subject_is_one_line_of_some_length(template: str, subject: str, written: str) -> None:
    message = compose(template, subject=subject, context={}, recipients=["a@b.example"])

    assert message.subject == written
    assert message.message()["Subject"]


def failing(at: str, error: Exception) -> tuple[Callable[[str], bool], list[str]]:
    told: list[str] = []

    def tell(thing: str) -> bool:
        if thing == at:
            raise error
        told.append(thing)
        return True

    return tell, told


@pytest.mark.parametrize(
    ("error", "rest", "level"),
    [
        (MailRefusedError("550"), ["a", "c"], logging.ERROR),
        (MailDeferredError("450"), ["a", "c"], logging.WARNING),
        (ValueError("a surprise"), ["a", "c"], logging.ERROR),
        (MailServerAwayError("gone"), ["a"], logging.ERROR),
    ],
)
def test_only_a_mail_server_that_is_away_ends_a_round(
    error: Exception, rest: list[str], level: int, caplog: pytest.LogCaptureFixture
) -> None:
    tell, told = failing("b", error)

    sent = mail_each(tell, ["a", "b", "c"])

    assert (sent, told) == (len(rest), rest)
    assert [record.levelno for record in caplog.records] == [level]


def test_without_its_database_a_round_ends_loudly() -> None:
    tell, told = failing("b", DatabaseError("locked"))

    with pytest.raises(DatabaseError):
        mail_each(tell, ["a", "b", "c"])

    assert told == ["a"]


def test_what_was_told_already_does_not_count() -> None:
    assert mail_each(lambda thing: thing == "new", ["old", "new", "old"]) == 1
