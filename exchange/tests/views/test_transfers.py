"""The list, one transfer, and what a clerk decides."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from exchange.advice import advice_for
from exchange.models import Account, Transfer, TransferAttempt
from exchange.models.transfer import State, Step
from exchange.queries import StageCode
from exchange.tests.builders import make_account, make_collected, make_delivered, make_transfer
from magda_portal.audit.actions import Action
from magda_portal.audit.models import AuditEvent
from magda_portal.audit.services import Actor, Subject, record
from magda_portal.tests.world import Visitor, World


def listed(world: World, **query: Any) -> list[str]:
    page = world.browser(Visitor.CLERK).get(reverse("transfers"), query).context["page"]
    return [transfer.final_name for transfer in page.rows]


def show(world: World, transfer: Transfer, visitor: Visitor = Visitor.CLERK) -> str:
    return world.browser(visitor).get(reverse("transfer_show", args=[transfer.pk])).text


def decide(world: World, name: str, transfer: Transfer, **fields: object) -> str:
    url = reverse(name, args=[transfer.pk])
    return world.browser(Visitor.CLERK).post(url, fields, follow=True).text


def test_the_list_holds_the_organisations_own_newest_first(world: World, account: Account) -> None:
    make_transfer(account, name="eerst.xml")
    make_transfer(account, name="dan.xml")
    make_transfer(make_account(world.elsewhere, common_name="elders"), name="vreemd.xml")

    assert listed(world) == ["dan.xml", "eerst.xml"]


def test_the_helpdesk_sees_all_of_them(world: World, account: Account) -> None:
    make_transfer(account, name="hier.xml")
    make_transfer(make_account(world.elsewhere, common_name="elders"), name="daar.xml")

    page = world.browser(Visitor.HELPDESK).get(reverse("transfers")).context["page"]

    assert len(page.rows) == 2


def test_the_list_is_filtered_by_account(world: World, account: Account) -> None:
    other = make_account(world.organisation, common_name="ander")
    make_transfer(account, name="een.xml")
    make_transfer(other, name="twee.xml")

    assert listed(world, account=other.pk) == ["twee.xml"]


def test_the_list_is_filtered_by_name_person_and_direction(world: World, account: Account) -> None:
    make_transfer(account, name="Vraag_1.xml", person=world.clerk)
    make_transfer(account, name="vraag_2.xml")
    make_collected(account, name="antwoord.xml")

    assert listed(world, name="VRAAG") == ["vraag_2.xml", "Vraag_1.xml"]
    assert listed(world, person=world.clerk.pk) == ["Vraag_1.xml"]
    assert listed(world, direction="COLLECTION") == ["antwoord.xml"]


def test_the_list_is_filtered_by_days_that_both_count(world: World, account: Account) -> None:
    noon = timezone.localtime().replace(hour=12)
    for days in range(4):
        created = noon - timedelta(days=days)
        make_transfer(account, name=f"{days}.xml", created_at=created)

    first, last = (noon - timedelta(days=2)).date(), (noon - timedelta(days=1)).date()

    assert listed(world, first_day=first, last_day=last) == ["2.xml", "1.xml"]


@pytest.mark.parametrize(
    "query",
    [
        {"account": "00000000-0000-0000-0000-000000000000"},
        {"account": "x"},
        {"state": "x"},
        {"person": "999999"},
        {"first_day": "gisteren"},
        {"before": "99999999999999999999"},
    ],
)
def test_a_filter_that_makes_no_sense_breaks_nothing(
    world: World, account: Account, query: dict[str, str]
) -> None:
    make_transfer(account)

    assert world.browser(Visitor.CLERK).get(reverse("transfers"), query).status_code == 200


def test_the_list_has_pages_that_keep_the_filter(world: World, account: Account) -> None:
    for number in range(55):
        make_transfer(account, name=f"vraag{number}.xml", content=b"x")
    make_transfer(account, name="ander.xml")
    browser = world.browser(Visitor.CLERK)

    first = browser.get(reverse("transfers"), {"name": "vraag"}).context["page"]
    second = browser.get(reverse("transfers") + first.older).context["page"]

    assert (len(first.rows), len(second.rows)) == (50, 5)


def test_the_list_takes_the_same_number_of_queries_however_long(
    world: World, account: Account, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        answered = make_delivered(account, name=f"{number}.xml")
        make_collected(account, name=f"antwoord{number}.xml", answers_to=answered)
    browser = world.browser(Visitor.CLERK)

    with django_assert_max_num_queries(16):
        browser.get(reverse("transfers"))


def test_a_name_that_tries_to_deceive_is_shown_escaped(world: World, account: Account) -> None:
    collected = make_collected(account, name="<b>rekening\u202elmx.exe")

    for page in (show(world, collected), world.browser(Visitor.CLERK).get(reverse("inbox")).text):
        assert "\u202e" not in page
        assert "<b>rekening" not in page
        assert "&lt;b&gt;rekening\\u202elmx.exe" in page


def test_a_transfer_shows_its_history_with_who_and_when(world: World, account: Account) -> None:
    transfer = make_transfer(account, person=world.clerk)
    subject = Subject.row(transfer)
    record(Action.TRANSFER_SUBMITTED, actor=Actor.person(world.clerk), subject=subject)
    record(
        Action.TRANSFER_POSTPONED,
        actor=Actor("MAGDA portal"),
        subject=subject,
        details={"error": "data.stalled", "next": timezone.now().isoformat()},
    )

    page = show(world, transfer)

    assert page.index("request submitted") < page.index("will be tried again")
    assert str(world.clerk) in page
    assert str(advice_for("data.stalled").what) in page
    assert '<time datetime="' in page


def test_a_transfer_shows_its_attempts_with_the_dialogue(world: World, account: Account) -> None:
    transfer = make_transfer(account)
    TransferAttempt.objects.create(
        transfer=transfer,
        number=1,
        started_at=timezone.now(),
        reply="550 Nee <script>",
        error_code="file.denied",
        stage="command",
        tls_version="TLSv1.3",
        transcript="> STOR x\n< 550 Nee",
    )

    page = show(world, transfer, Visitor.HELPDESK)

    for expected in ("550 Nee &lt;script&gt;", "file.denied", "TLSv1.3", "&gt; STOR x"):
        assert expected in page


def test_an_error_comes_with_what_to_do(world: World, account: Account) -> None:
    failed = make_transfer(account, state=State.FAILED, error_code="file.denied", holds_name=False)

    page = show(world, failed)

    assert str(advice_for("file.denied").next) in unescape(page)


def test_a_waiting_transfer_says_when_it_is_tried_again(world: World, account: Account) -> None:
    at = timezone.now() + timedelta(minutes=7)
    waiting = make_transfer(account, state=State.WAITING, next_attempt_at=at)

    assert timezone.localtime(at).isoformat(timespec="seconds") in show(world, waiting)


def test_answer_and_request_link_to_each_other(world: World, account: Account) -> None:
    request = make_delivered(account)
    answer = make_collected(account, answers_to=request)

    assert reverse("transfer_show", args=[answer.pk]) in show(world, request)
    assert reverse("transfer_show", args=[request.pk]) in show(world, answer)


@pytest.mark.parametrize(
    ("state", "refreshes"),
    [(State.QUEUED, True), (State.RUNNING, True), (State.WAITING, False), (State.DONE, False)],
)
def test_the_page_looks_again_only_while_something_moves(
    world: World, account: Account, state: State, refreshes: bool
) -> None:
    transfer = make_transfer(account, state=state)

    response = world.browser(Visitor.CLERK).get(reverse("transfer_show", args=[transfer.pk]))

    assert ("Refresh" in response) is refreshes


@pytest.mark.parametrize("visitor", [Visitor.ADMINISTRATOR, Visitor.HELPDESK])
def test_only_clerks_see_the_buttons(world: World, account: Account, visitor: Visitor) -> None:
    transfer = make_transfer(account)

    assert "Cancel the transfer" in show(world, transfer)
    assert "Cancel the transfer" not in show(world, transfer, visitor)
    assert reverse("payload_download", args=[transfer.pk]) not in show(world, transfer, visitor)


def test_a_clerk_cancels_what_is_not_on_its_way(world: World, account: Account) -> None:
    transfer = make_transfer(account)

    page = decide(world, "transfer_cancel", transfer)

    transfer.refresh_from_db()
    assert transfer.state == State.CANCELLED
    assert "The transfer is cancelled" in page
    assert AuditEvent.objects.get(action="transfer.cancelled").actor_id == str(world.clerk.pk)


def test_what_is_delivered_can_not_be_cancelled(world: World, account: Account) -> None:
    transfer = make_delivered(account)

    page = decide(world, "transfer_cancel", transfer)

    assert str(advice_for("transfer.cannot_cancel").what) in page
    transfer.refresh_from_db()
    assert transfer.state == State.DONE


def test_a_clerk_tries_a_failed_transfer_again(world: World, account: Account) -> None:
    transfer = make_transfer(account, state=State.FAILED, holds_name=False)

    decide(world, "transfer_retry", transfer)

    transfer.refresh_from_db()
    assert transfer.state == State.QUEUED


def test_a_name_taken_meanwhile_can_not_be_tried_again(world: World, account: Account) -> None:
    failed = make_transfer(account, state=State.FAILED, holds_name=False)
    make_transfer(account)

    page = decide(world, "transfer_retry", failed)

    assert str(advice_for("name.held").what) in page


@pytest.mark.parametrize(
    ("outcome", "state"), [("arrived", State.DONE), ("not_arrived", State.FAILED)]
)
def test_a_clerk_settles_an_uncertain_transfer_with_a_reason(
    world: World, account: Account, outcome: str, state: State
) -> None:
    transfer = make_transfer(account, state=State.UNCERTAIN, step=Step.RENAME_ASKED)

    page = decide(world, "transfer_settle", transfer, outcome=outcome, reason="Ticket 1234")

    transfer.refresh_from_db()
    assert transfer.state == state
    assert "Ticket 1234" in page


@pytest.mark.parametrize(
    "fields",
    [
        {"outcome": "arrived"},
        {"reason": "Ticket 1234"},
        {"outcome": "not_arrived", "reason": "no"},
    ],
)
def test_nothing_is_settled_without_outcome_and_a_whole_reason(
    world: World, account: Account, fields: dict[str, str]
) -> None:
    transfer = make_transfer(account, state=State.UNCERTAIN)

    url = reverse("transfer_settle", args=[transfer.pk])
    response = world.browser(Visitor.CLERK).post(url, fields)

    assert response.status_code == 422
    transfer.refresh_from_db()
    assert transfer.state == State.UNCERTAIN


@pytest.mark.parametrize("code", list(StageCode))
def test_each_state_of_the_filter_finds_exactly_what_bears_its_word(
    world: World, account: Account, code: StageCode
) -> None:
    make_one_in_each_stage(account)
    browser = world.browser(Visitor.CLERK)

    rows = browser.get(reverse("transfers"), {"state": code.value}).context["page"].rows

    assert [row.final_name for row in rows] == [f"{code.value}.xml"]
    badge = f"</span>{code.label}</span>"
    assert badge in browser.get(reverse("transfer_show", args=[rows[0].pk])).text


def make_one_in_each_stage(account: Account) -> None:
    make_transfer(account, name="queued.xml")
    make_transfer(account, name="sending.xml", state=State.RUNNING)
    make_transfer(account, name="waiting.xml", state=State.WAITING)
    make_transfer(account, name="looking.xml", state=State.WAITING, step=Step.RENAME_ASKED)
    make_transfer(account, name="failed.xml", state=State.FAILED)
    make_transfer(account, name="cancelled.xml", state=State.CANCELLED)
    make_transfer(account, name="uncertain.xml", state=State.UNCERTAIN)
    make_delivered(account, name="delivered.xml")
    make_delivered(account, name="picked_up.xml", picked_up_at=timezone.now())
    answered = make_delivered(account, name="answered.xml")
    make_collected(account, name="collected.xml", answers_to=answered)
