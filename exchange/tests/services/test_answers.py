"""Answers find the request they belong to."""

import pytest

from exchange.messages import Context, MessageKind
from exchange.models import Account
from exchange.models.transfer import State, Step
from exchange.services.answers import request_answered_by
from exchange.tests.builders import make_account, make_transfer
from magda_portal.people.models import Organisation

pytestmark = pytest.mark.django_db

ANSWER = Context(
    kind=MessageKind.ANSWER,
    service="",
    version="",
    sender="",
    sender_reference="",
    receiver="",
    receiver_reference="R-1",
    capacity="",
)


@pytest.fixture
def account() -> Account:
    return make_account(Organisation.objects.create(name="Gemeente Voorbeeld", code="0123456789"))


@pytest.mark.parametrize("state", [State.DONE, State.UNCERTAIN])
def test_a_request_that_may_have_arrived_is_answered(account: Account, state: State) -> None:
    request = make_transfer(account, referte="R-1", state=state)

    assert request_answered_by(account, ANSWER) == request


def test_a_request_whose_rename_was_asked_is_answered(account: Account) -> None:
    request = make_transfer(account, referte="R-1", state=State.WAITING, step=Step.RENAME_ASKED)

    assert request_answered_by(account, ANSWER) == request


@pytest.mark.parametrize(
    "state", [State.QUEUED, State.RUNNING, State.WAITING, State.FAILED, State.CANCELLED]
)
def test_a_newer_request_that_was_never_sent_gets_no_answer(account: Account, state: State) -> None:
    sent = make_transfer(account, name="first.xml", referte="R-1", state=State.DONE)
    make_transfer(account, name="second.xml", referte="R-1", state=state, step=Step.STORED)

    assert request_answered_by(account, ANSWER) == sent


def test_of_several_with_one_reference_the_oldest_without_an_answer_is_answered(
    account: Account,
) -> None:
    first = make_transfer(account, name="first.xml", referte="R-1", state=State.DONE)
    second = make_transfer(account, name="second.xml", referte="R-1", state=State.DONE)

    found = []
    for number in range(3):
        request = request_answered_by(account, ANSWER)
        found.append(request)
        make_transfer(account, name=f"answer-{number}.xml", answers_to=request)

    # A further answer of a reference goes to the newest.
    assert found == [first, second, second]
