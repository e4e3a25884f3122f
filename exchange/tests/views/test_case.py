"""A request and its answers are one case, and its page tells a clerk how it stands."""

import uuid
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from exchange.messages.tests.builders import sample
from exchange.models import Account, Transfer
from exchange.models.transfer import State
from exchange.queries.case import MOST_ANSWERS, case_of
from exchange.queries.contents import COUNTED_AT_ONCE
from exchange.services.decisions import settle
from exchange.services.opening import open_content
from exchange.storage import payload_store
from exchange.tests.builders import make_account, make_collected, make_delivered, make_transfer
from magda_portal.audit.actions import Action
from magda_portal.audit.services import Actor, Subject, record
from magda_portal.tests.world import Visitor, World

NOW = timezone.now()
ANSWER: dict[str, Any] = {"message_kind": "ANSWER", "service": "GeefPersoon"}


def show(
    world: World, transfer: Transfer, visitor: Visitor = Visitor.CLERK, query: str = ""
) -> str:
    url = reverse("transfer_show", args=[transfer.pk]) + query
    return unescape(world.browser(visitor).get(url).text)


def told(transfer: Transfer, now: datetime = NOW) -> list[str]:
    return [milestone.what for milestone in case_of(transfer, now=now).milestones]


def test_request_and_answer_show_the_same_case(world: World, account: Account) -> None:
    request = make_delivered(account, person=world.clerk)
    answer = make_collected(account, answers_to=request)

    first, second = (show(world, transfer) for transfer in (request, answer))

    for page in (first, second):
        assert f'id="file-{request.pk}"' in page
        assert f'id="file-{answer.pk}"' in page
        assert "gave the file to the portal" in page
        assert "The answer arrived." in page


def test_a_case_tells_its_milestones_in_the_order_in_which_they_came(
    world: World, account: Account
) -> None:
    request = make_delivered(
        account,
        finished_at=NOW - timedelta(minutes=58),
        person=world.clerk,
        created_at=NOW - timedelta(hours=1),
        picked_up_at=NOW - timedelta(minutes=50),
    )
    answer = make_collected(account, answers_to=request, finished_at=NOW - timedelta(minutes=20))
    with open_content(answer, actor=Actor.person(world.clerk), now=NOW):
        pass

    milestones = case_of(request, now=NOW).milestones

    assert [milestone.what for milestone in milestones] == [
        f"{world.clerk} gave the file to the portal.",
        "The file was delivered to MAGDA.",
        "MAGDA picked the file up.",
        "The answer arrived.",
        f"{world.clerk} opened the answer.",
    ]
    afters = [milestone.after.replace("\xa0", " ") for milestone in milestones]
    assert afters[:4] == ["", "2 minutes later", "8 minutes later", "30 minutes later"]


def test_milestones_of_the_same_second_stand_in_the_order_of_the_road(account: Account) -> None:
    second = NOW.replace(microsecond=0) - timedelta(minutes=5)
    request = make_delivered(
        account,
        created_at=second + timedelta(milliseconds=100),
        finished_at=second + timedelta(milliseconds=300),
        picked_up_at=second + timedelta(milliseconds=900),
    )
    make_collected(account, answers_to=request, finished_at=second + timedelta(milliseconds=600))

    assert told(request)[1:4] == [
        "The file was delivered to MAGDA.",
        "MAGDA picked the file up.",
        "The answer arrived.",
    ]


def test_a_pick_up_that_was_noticed_after_the_answer_still_stands_before_it(
    account: Account,
) -> None:
    request = make_delivered(
        account,
        created_at=NOW - timedelta(minutes=31),
        finished_at=NOW - timedelta(minutes=30),
        picked_up_at=NOW - timedelta(minutes=5),
    )
    make_collected(account, answers_to=request, finished_at=NOW - timedelta(minutes=20))

    milestones = case_of(request, now=NOW).milestones

    assert [(each.what, each.after.replace("\xa0", " ")) for each in milestones[2:4]] == [
        (
            "MAGDA picked the file up; the portal noticed it only after the answer.",
            "25 minutes later",
        ),
        ("The answer arrived.", ""),
    ]


def test_what_is_still_to_come_is_told_as_not_yet(world: World, account: Account) -> None:
    request = make_transfer(account)

    milestones = case_of(request, now=NOW).milestones

    assert [milestone.what for milestone in milestones if milestone.at is None] == [
        "The portal delivers the file to MAGDA.",
        "MAGDA picks the file up.",
        "MAGDA answers, and the portal collects the answer.",
        "Somebody of your organisation opens the answer.",
    ]
    assert [milestone.is_next for milestone in milestones] == [False, True, False, False, False]


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
def test_nothing_is_to_come_of_what_is_over(account: Account, state: State) -> None:
    transfer = make_transfer(account, state=state, finished_at=NOW, holds_name=False)

    assert all(milestone.at for milestone in case_of(transfer, now=NOW).milestones)


def test_a_request_that_its_clerk_looked_into_does_not_count_as_a_read_answer(
    world: World, account: Account
) -> None:
    request = make_delivered(account)
    make_collected(account, answers_to=request)
    with open_content(request, actor=Actor.person(world.clerk), now=NOW):
        pass

    assert told(request)[-1] == "Somebody of your organisation opens the answer."


@pytest.mark.parametrize(
    ("arrived", "sentence"),
    [(True, "decided that the file arrived"), (False, "decided that the file did not arrive")],
)
def test_a_persons_decision_is_told_as_such(account: Account, arrived: bool, sentence: str) -> None:
    transfer = make_transfer(account, state=State.UNCERTAIN, finished_at=NOW)
    settle(transfer, arrived=arrived, reason="ticket 4711 says so", actor=Actor("An Peeters"))
    transfer.refresh_from_db()

    assert f"An Peeters {sentence}." in told(transfer)
    assert "The file was delivered to MAGDA." not in told(transfer)


def test_attempts_that_failed_are_counted_in_one_milestone(account: Account) -> None:
    transfer = make_delivered(account)
    for number in (1, 2):
        transfer.attempts.create(number=number, started_at=NOW, error_code="data.stalled")
    transfer.attempts.create(number=3, started_at=NOW)

    assert "2 attempts to deliver it did not succeed; this is the last of them." in told(transfer)


def test_everybody_who_read_an_answer_is_named_once(world: World, account: Account) -> None:
    answer = make_collected(account)
    for name in ("An", "Bea", "An"):
        record(Action.TRANSFER_OPENED, actor=Actor(name), subject=Subject.row(answer))

    assert told(answer)[1:3] == ["An opened it.", "Bea opened it."]


# What an answer holds


def test_an_answer_is_summed_up_with_what_its_exceptions_mean(
    world: World, account: Account
) -> None:
    answer = make_collected(account, content=sample("answer_exceptions.xml").read(), **ANSWER)

    page = show(world, answer)

    assert "It holds 3 answers." in page
    assert "2 of them are errors." in page
    assert "The person is not registered for your organisation" in page
    for word in ("error", "warning", "information", "FOUT", "WAARSCHUWING", "INFORMATIE"):
        assert word in page
    assert "INSZ is niet geïntegreerd" not in page  # MAGDA's wording may name somebody


def test_a_request_that_was_refused_as_a_whole_says_so(world: World, account: Account) -> None:
    answer = make_collected(account, content=sample("answer_refused.xml").read(), **ANSWER)

    assert "MAGDA refused the request as a whole." in show(world, answer)


def test_an_answer_with_errors_bears_their_number_wherever_it_is_listed(
    world: World, account: Account
) -> None:
    request = make_delivered(account, name="vraag.xml")
    content = sample("answer_exceptions.xml").read()
    make_collected(account, content=content, answers_to=request, errors_reported=2, **ANSWER)
    badge = "</span>2 errors</span>"

    case = show(world, request)
    browser = world.browser(Visitor.CLERK)
    pages = [browser.get(reverse(name)).text for name in ("inbox", "transfers")]

    state = case[case.index('id="state"') : case.index("</section>")]
    assert badge in state
    # In the history of transfers both the request and its answer.
    assert [page.count(badge) for page in pages] == [1, 2]


def test_the_state_of_a_case_tells_errors_that_were_not_counted_before(
    world: World, account: Account
) -> None:
    content = sample("answer_refused.xml").read()
    answer = make_collected(account, content=content, **ANSWER)

    case = show(world, answer)

    assert "</span>1 error</span>" in case[case.index('id="state"') : case.index("</section>")]


def test_counting_is_no_opening(world: World, account: Account) -> None:
    answer = make_collected(account, content=sample("answer.xml").read(), **ANSWER)

    show(world, answer, Visitor.HELPDESK)

    answer.refresh_from_db()
    assert answer.payload is not None
    assert answer.payload.first_opened_at is None


def test_of_a_large_answer_the_beginning_is_counted_until_somebody_asks(
    world: World, account: Account
) -> None:
    item = b"<Antwoord><Inhoud>" + b"x" * 1000 + b"</Inhoud></Antwoord>"
    items = COUNTED_AT_ONCE // len(item) * 2
    content = b"<GeefX><Repliek><Antwoorden>" + item * items + b"</Antwoorden></Repliek></GeefX>"
    answer = make_collected(account, content=content, **ANSWER)

    beginning = show(world, answer)
    whole = show(world, answer, query="?count=whole")

    assert "Only the beginning" in beginning
    assert f"It holds {items} answers." not in beginning
    assert f"It holds {items} answers." in whole
    assert "Only the beginning" not in whole


@pytest.mark.parametrize("content", [b"", b"<a><b></a>", b"geen xml", b"\xff\xfe\x00"])
def test_an_answer_that_can_not_be_read_does_not_break_its_page(
    world: World, account: Account, content: bytes
) -> None:
    answer = make_collected(account, content=content, **ANSWER)

    assert "Technical details" in show(world, answer)


def test_an_answer_whose_content_is_gone_does_not_break_its_page(
    world: World, account: Account
) -> None:
    answer = make_collected(account, **ANSWER)
    assert isinstance(answer.payload_id, uuid.UUID)
    payload_store().erase(answer.payload_id)

    assert "Technical details" in show(world, answer)


def test_erased_content_is_said_and_offers_nothing(world: World, account: Account) -> None:
    answer = make_collected(account, **ANSWER)
    assert answer.payload is not None
    answer.payload.erased_at = NOW
    answer.payload.save()

    page = show(world, answer)

    assert "as its retention was over" in page
    assert reverse("payload_preview", args=[answer.pk]) not in page


# Who sees what


@pytest.mark.parametrize("visitor", [Visitor.ADMINISTRATOR, Visitor.HELPDESK])
def test_those_who_may_not_open_are_not_invited_to(
    world: World, account: Account, visitor: Visitor
) -> None:
    answer = make_collected(account)

    page = show(world, answer, visitor)

    assert reverse("payload_preview", args=[answer.pk]) not in page
    assert reverse("payload_download", args=[answer.pk]) not in page


@pytest.mark.parametrize(
    ("visitor", "sees"),
    [(Visitor.CLERK, False), (Visitor.ADMINISTRATOR, True), (Visitor.HELPDESK, True)],
)
def test_audit_events_are_linked_for_those_who_may_see_them(
    world: World, account: Account, visitor: Visitor, sees: bool
) -> None:
    transfer = make_transfer(account)
    record(Action.TRANSFER_SUBMITTED, actor=Actor("An"), subject=Subject.row(transfer))

    link = f"{reverse('events')}?subject_type=transfer&subject_id={transfer.pk}"

    assert (link in show(world, transfer, visitor)) is sees


def test_a_case_never_shows_files_of_another_organisation(world: World, account: Account) -> None:
    elsewhere = make_account(world.elsewhere, common_name="elders")
    mine, theirs = make_delivered(account), make_delivered(elsewhere)
    make_collected(elsewhere, name="geheim.xml", answers_to=theirs)

    assert "geheim.xml" not in show(world, mine)
    browser = world.browser(Visitor.CLERK)
    assert browser.get(reverse("transfer_show", args=[theirs.pk])).status_code == 404


def test_a_page_says_which_environment_it_is_about(world: World, account: Account) -> None:
    page = show(world, make_transfer(account))

    assert "environment-banner-tni" in page


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>.xml", "a\u202efdp.xml", "x" * 196 + ".xml"]
)
def test_a_name_is_shown_safely_everywhere(world: World, account: Account, name: str) -> None:
    request = make_delivered(account, name=name)
    answer = make_collected(account, name=name, answers_to=request)
    for page in ("transfer_show", "payload_preview"):
        raw = world.browser(Visitor.CLERK).get(reverse(page, args=[answer.pk])).text
        assert "<script>alert" not in raw
        assert "\u202e" not in raw
        assert "x" * 150 not in raw


def test_the_reason_for_sending_in_spite_of_warnings_is_shown(
    world: World, account: Account
) -> None:
    transfer = make_transfer(account, overrule_reason="MAGDA asked for it")

    assert "Because: MAGDA asked for it" in show(world, transfer)


# The measure


@pytest.mark.parametrize("visitor", [Visitor.CLERK, Visitor.ADMINISTRATOR, Visitor.HELPDESK])
@pytest.mark.parametrize("state", [State.DONE, State.UNCERTAIN, State.FAILED, State.WAITING])
def test_a_case_takes_twelve_queries_however_much_it_holds(
    world: World,
    account: Account,
    visitor: Visitor,
    state: State,
    django_assert_max_num_queries: Any,
) -> None:
    request = make_delivered(account, state=state, rename_asked_at=NOW, error_code="data.stalled")
    for number in range(MOST_ANSWERS + 5):
        answer = make_collected(account, name=f"{number}.xml", answers_to=request)
        record(Action.TRANSFER_OPENED, actor=Actor("An"), subject=Subject.row(answer))
        answer.attempts.create(number=1, started_at=NOW)
        make_delivered(account, name=f"again{number}.xml", resends=request, holds_name=False)
    browser = world.browser(visitor)

    with django_assert_max_num_queries(12):
        page = browser.get(reverse("transfer_show", args=[request.pk])).text

    assert page.count("card-opened") == 1


def test_an_answer_beyond_those_shown_is_shown_on_its_own_page(
    world: World, account: Account
) -> None:
    request = make_delivered(account)
    answers = [
        make_collected(account, name=f"{number}.xml", answers_to=request)
        for number in range(MOST_ANSWERS + 1)
    ]

    assert f'id="file-{answers[-1].pk}"' in show(world, answers[-1])
    assert "There are more answers" in show(world, request)
