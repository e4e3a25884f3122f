"""What is accepted for delivery, what is refused, and that a refusal leaves nothing behind."""

import io
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from exchange.errors import SubmissionError
from exchange.models import Account, Payload, Transfer
from exchange.models.transfer import State
from exchange.services.decisions import cancel
from exchange.services.submission import Draft, Submitter, submit
from exchange.storage import payload_store
from exchange.tests.wiring import ACTOR, wire_account
from sandbox.authority import Authority

pytestmark = pytest.mark.django_db

Submit = Callable[..., Transfer]


@pytest.fixture
def account(authority: Authority) -> Account:
    return wire_account("practice.vlaanderen.be/submission", port=1, authority=authority)


@pytest.fixture
def send(account: Account) -> Submit:
    def submit_one(
        name: str = "request.xml",
        content: bytes = b"<a/>",
        *,
        submission: uuid.UUID | None = None,
        reason: str = "",
    ) -> Transfer:
        draft = Draft(account, name, Submitter(ACTOR), submission=submission, resend_reason=reason)
        return submit(draft, content=io.BytesIO(content))

    return submit_one


def files_in_store() -> int:
    return len([p for p in payload_store().root.glob("??/*") if p.is_file()])


def refused(send: Submit, *args: object, **kwargs: object) -> str:
    """Return the code of the refusal, after checking that nothing was kept of it."""
    before = (files_in_store(), Transfer.objects.count(), Payload.objects.count())

    with pytest.raises(SubmissionError) as refusal:
        send(*args, **kwargs)

    assert (files_in_store(), Transfer.objects.count(), Payload.objects.count()) == before
    return refusal.value.code


def test_it_keeps_the_file_and_queues_it(send: Submit) -> None:
    transfer = send(content=b"<a>1</a>")

    assert (transfer.state, transfer.size, transfer.holds_name) == (State.QUEUED, 8, True)
    assert transfer.next_attempt_at is not None
    assert transfer.payload is not None
    with payload_store().open(transfer.payload.pk) as content:
        assert content.read() == b"<a>1</a>"


def test_an_empty_file_is_refused(send: Submit) -> None:
    assert refused(send, content=b"") == "upload.empty"


def test_a_file_over_the_limit_is_refused(send: Submit, settings: Settings) -> None:
    settings.UPLOAD_LIMIT = 10

    assert refused(send, content=b"x" * 11) == "upload.too_large"
    assert send(content=b"x" * 10).size == 10


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "name.empty"),
        ("../request.xml", "name.separator"),
        ("sub\\request.xml", "name.separator"),
        ("request\r\nDELE x.xml", "name.control_character"),
        ("request\x00.xml", "name.control_character"),
        ("é" * 100 + ".xml", "name.too_long"),
        ("request.xml.tmp", "name.temporary_suffix"),
        ("REQUEST.TMP", "name.temporary_suffix"),
        ("..", "name.dots"),
    ],
)
def test_a_name_that_would_do_harm_is_refused(send: Submit, name: str, code: str) -> None:
    assert refused(send, name) == code


def test_only_an_account_that_expects_xml_refuses_other_files(
    send: Submit, account: Account
) -> None:
    accepted = send("first.csv", b"not;xml")
    account.expects_xml = True
    account.save()

    assert accepted.state == State.QUEUED
    assert refused(send, "second.csv", b"not;xml") == "xml.not_well_formed"
    assert refused(send, "third.xml", b"<a><b></a>") == "xml.not_well_formed"
    assert refused(send, "4.xml", b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>') == "xml.doctype"
    assert send("fifth.xml", b"<a/>").state == State.QUEUED


def test_a_suspended_account_accepts_nothing(send: Submit, account: Account) -> None:
    account.state = Account.State.SUSPENDED
    account.save()

    assert refused(send) == "account.suspended"


def test_a_double_click_lands_on_the_first_transfer(send: Submit) -> None:
    submission = uuid.uuid4()

    first, second = send(submission=submission), send(submission=submission)

    assert first == second
    assert (Transfer.objects.count(), files_in_store()) == (1, files_in_store())


def test_a_name_that_is_on_its_way_is_refused_even_with_a_reason(send: Submit) -> None:
    send()

    assert refused(send, reason="MAGDA lost it") == "name.in_progress"


def test_a_name_whose_delivery_is_uncertain_waits_for_a_decision(send: Submit) -> None:
    Transfer.objects.filter(pk=send().pk).update(state=State.UNCERTAIN)

    assert refused(send) == "name.uncertain"
    assert refused(send, reason="MAGDA lost it, they say") == "name.uncertain"


def delivered(transfer: Transfer, *, days_ago: int = 0) -> None:
    Transfer.objects.filter(pk=transfer.pk).update(
        state=State.DONE, finished_at=timezone.now() - timedelta(days=days_ago)
    )


def test_a_name_that_was_delivered_needs_a_reason(send: Submit) -> None:
    first = send()
    delivered(first, days_ago=13)

    assert refused(send) == "name.held"
    again = send(reason="MAGDA asked for it")
    first.refresh_from_db()
    assert (again.resends, again.resend_reason) == (first, "MAGDA asked for it")
    assert (first.holds_name, again.holds_name) == (False, True)


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("x", "transfer.reason_short"),
        ("   too short ", "transfer.reason_short"),
        ("x" * 301, "transfer.reason_long"),
    ],
)
def test_a_reason_is_a_sentence(send: Submit, reason: str, code: str) -> None:
    delivered(send(), days_ago=13)

    assert refused(send, reason=reason) == code


def test_a_name_is_free_again_after_two_weeks(send: Submit) -> None:
    first = send()
    delivered(first, days_ago=15)

    again = send()

    assert again.resends is None
    assert again.state == State.QUEUED


def test_a_cancelled_name_is_free_again(send: Submit) -> None:
    cancel(send(), actor=ACTOR)

    assert send().state == State.QUEUED


def test_two_accounts_may_carry_the_same_name(send: Submit, authority: Authority) -> None:
    send()
    other = wire_account("practice.vlaanderen.be/other", port=1, authority=authority)

    transfer = submit(Draft(other, "request.xml", Submitter(ACTOR)), content=io.BytesIO(b"<a/>"))

    assert transfer.state == State.QUEUED


def test_it_reads_the_reference_of_a_request(send: Submit) -> None:
    content = b"""<GeefPersoon xmlns="urn:x"><Verzoek xmlns=""><Context><Naam>GeefPersoon</Naam>
    <Versie>02.02.0000</Versie><Bericht><Type>VRAAG</Type><Afzender>
    <Referte>ref-1</Referte></Afzender></Bericht></Context></Verzoek></GeefPersoon>"""

    transfer = send(content=content)

    assert (transfer.referte, transfer.service) == ("ref-1", "GeefPersoon")


def test_the_same_form_with_another_file_is_a_request_of_its_own(send: Submit) -> None:
    """Who goes back in the browser and picks another file means that other file."""
    submission = uuid.uuid4()

    first = send("first.xml", b"<a/>", submission=submission)
    second = send("second.xml", b"<b/>", submission=submission)

    assert first.pk != second.pk
    assert second.final_name == "second.xml"


def test_the_same_form_with_the_same_name_and_other_content_is_refused_not_swallowed(
    send: Submit,
) -> None:
    submission = uuid.uuid4()
    send(content=b"<a/>", submission=submission)

    assert refused(send, content=b"<b/>", submission=submission) == "name.in_progress"
