"""The list of transfers: filters in the address, pages by time, and the file for spreadsheets."""

import csv
import io
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from certificates.models import Environment
from exchange.advice import advice_for
from exchange.models import Account, Transfer
from exchange.models.transfer import State, Step
from exchange.queries import StageCode
from exchange.tests.builders import make_account, make_collected, make_delivered, make_transfer
from magda_portal.audit.models import AuditEvent
from magda_portal.tests.world import Visitor, World


def listed(world: World, **query: Any) -> list[str]:
    page = world.browser(Visitor.CLERK).get(reverse("transfers"), query).context["page"]
    return [transfer.final_name for transfer in page.rows]


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
    assert listed(world, person="KLERK@voor") == ["Vraag_1.xml"]
    assert listed(world, direction="COLLECTION") == ["antwoord.xml"]


def test_the_list_is_filtered_by_days_that_both_count(world: World, account: Account) -> None:
    noon = timezone.localtime().replace(hour=12)
    for days in range(4):
        created = noon - timedelta(days=days)
        make_transfer(account, name=f"{days}.xml", created_at=created)

    first, last = (noon - timedelta(days=2)).date(), (noon - timedelta(days=1)).date()

    assert listed(world, first_day=first, last_day=last) == ["1.xml", "2.xml"]


@pytest.mark.parametrize(
    "query",
    [
        {"account": "00000000-0000-0000-0000-000000000000"},
        {"account": "x"},
        {"state": "x"},
        {"first_day": "gisteren"},
        {"place": "99999999999999999999.1"},
        {"place": "1.99999999999999999999"},
        {"place": "x"},
        {"order": "sideways"},
        {"organisation": "999999"},
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
    second = browser.get(reverse("transfers") + first.further).context["page"]

    assert (len(first.rows), len(second.rows)) == (50, 5)


def test_the_list_takes_the_same_number_of_queries_however_long(
    world: World, account: Account, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        answered = make_delivered(account, name=f"{number}.xml")
        make_collected(account, name=f"antwoord{number}.xml", answers_to=answered)
    browser = world.browser(Visitor.CLERK)

    with django_assert_max_num_queries(12):
        browser.get(reverse("transfers"))


def test_waiting_for_a_paused_account_costs_no_query_a_row(
    world: World, account: Account, django_assert_max_num_queries: Any
) -> None:
    now = timezone.now()
    Account.objects.update(
        trouble_code="account.no_trust_anchor",
        trouble_since=now,
        paused_until=now + timedelta(hours=1),
    )
    for number in range(20):
        make_transfer(account, name=f"{number}.xml", state=State.WAITING)
    browser = world.browser(Visitor.CLERK)

    with django_assert_max_num_queries(12):
        rows = browser.get(reverse("transfers")).context["page"].rows

    assert len(rows) == 20


def test_pages_lead_through_every_row_once_in_either_order(world: World, account: Account) -> None:
    """Rows of one moment, and of two accounts, are neither lost nor shown twice."""
    other = make_account(world.organisation, common_name="ander")
    at = timezone.now()
    for number in range(120):
        place = other if number % 3 else account
        moment = at - timedelta(minutes=number // 40)
        make_transfer(place, name=f"{number}.xml", content=b"x", created_at=moment)
    expected = list(
        Transfer.objects.order_by("-created_at", "-pk").values_list("final_name", flat=True)
    )

    newest, oldest = all_pages(world), all_pages(world, order="oldest")

    assert newest == expected
    assert oldest == expected[::-1]


def all_pages(world: World, visitor: Visitor = Visitor.CLERK, **query: str) -> list[str]:
    browser, names = world.browser(visitor), []
    page = browser.get(reverse("transfers"), query).context["page"]
    while True:
        names += [row.final_name for row in page.rows]
        if not page.further:
            return names
        page = browser.get(reverse("transfers") + page.further).context["page"]


def test_the_column_that_sorts_says_how_and_turns_the_order(world: World, account: Account) -> None:
    make_transfer(account)
    browser = world.browser(Visitor.CLERK)

    newest = browser.get(reverse("transfers"), {"name": "vraag"})
    oldest = browser.get(reverse("transfers") + newest.context["page"].turned)

    assert 'aria-sort="descending"' in newest.text
    assert 'aria-sort="ascending"' in oldest.text
    assert oldest.context["page"].rows == newest.context["page"].rows


def test_the_list_is_filtered_by_reference_service_and_environment(
    world: World, account: Account
) -> None:
    real = make_account(world.organisation, common_name="echt", environment=Environment.PRD)
    make_transfer(account, name="een.xml", referte="REF-1", service="GeefPersoon")
    make_transfer(real, name="twee.xml", referte="REF-2", service="GeefOnderneming")

    assert listed(world, referte="REF-1") == ["een.xml"]
    assert listed(world, referte="REF") == []
    assert listed(world, service="onderneming") == ["twee.xml"]
    assert listed(world, environment="PRD") == ["twee.xml"]


def test_no_filter_leads_into_another_organisation(world: World, account: Account) -> None:
    foreign = make_account(world.elsewhere, common_name="elders")
    make_transfer(foreign, name="vreemd.xml", referte="REF-1")

    queries: list[dict[str, Any]] = [
        {"account": str(foreign.pk)},
        {"organisation": str(world.elsewhere.pk)},
        {"referte": "REF-1"},
        {"environment": "TNI"},
        {"state": "queued"},
        {"name": "vreemd"},
    ]
    for query in queries:
        assert listed(world, **query) == []
        assert "vreemd" not in csv_text(world, **query)


def test_the_helpdesk_chooses_an_organisation_and_a_clerk_is_not_asked(
    world: World, account: Account
) -> None:
    make_transfer(account, name="hier.xml")
    make_transfer(make_account(world.elsewhere, common_name="elders"), name="daar.xml")
    query = {"organisation": world.elsewhere.pk}

    page = world.browser(Visitor.HELPDESK).get(reverse("transfers"), query)

    assert [row.final_name for row in page.context["page"].rows] == ["daar.xml"]
    assert 'name="organisation"' in page.text
    assert 'name="organisation"' not in world.browser(Visitor.CLERK).get(reverse("transfers")).text


def test_a_link_that_names_an_error_is_said_in_words_and_kept(
    world: World, account: Account
) -> None:
    make_transfer(account, name="kapot.xml", state=State.FAILED, error_code="file.denied")
    make_transfer(account, name="goed.xml")

    page = world.browser(Visitor.CLERK).get(reverse("transfers"), {"error": "file.denied"})

    assert [row.final_name for row in page.context["page"].rows] == ["kapot.xml"]
    assert str(advice_for("file.denied").what) in unescape(page.text)
    assert '<input type="hidden" name="error" value="file.denied"' in page.text


def test_a_field_that_is_folded_away_is_unfolded_when_it_is_used(
    world: World, account: Account
) -> None:
    browser = world.browser(Visitor.CLERK)

    assert "<details open>" not in browser.get(reverse("transfers"), {"name": "x"}).text
    assert "<details open>" in browser.get(reverse("transfers"), {"service": "x"}).text


def csv_text(world: World, visitor: Visitor = Visitor.CLERK, **query: Any) -> str:
    response = world.browser(visitor).get(reverse("transfers_csv"), query)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    return response.getvalue().decode()


def csv_rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))


def test_the_file_holds_all_that_the_filter_finds_however_many_pages(
    world: World, account: Account
) -> None:
    for number in range(60):
        make_transfer(account, name=f"vraag{number}.xml", content=b"x")
    make_transfer(account, name="ander.xml", content=b"x")

    rows = csv_rows(csv_text(world, name="vraag"))

    assert [row["Name"] for row in rows] == [f"vraag{number}.xml" for number in range(59, -1, -1)]
    assert {row["State"] for row in rows} == {"queued"}
    begun = timezone.localtime(Transfer.objects.get(final_name="vraag59.xml").created_at)
    assert datetime.fromisoformat(rows[0]["Begun"]) == begun.replace(microsecond=0, tzinfo=None)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ('=HYPERLINK("x")', '\'=HYPERLINK("x")'),
        ("-1+1.xml", "'-1+1.xml"),
        ("@som.xml", "'@som.xml"),
        ("\tx.xml", "\\x09x.xml"),
        ('a;b"c.xml', 'a;b"c.xml'),
        ("<script>.xml", "<script>.xml"),
        ("a\u202efdp.exe", "a\\u202efdp.exe"),
        ("n" * 200, "n" * 200),
    ],
)
def test_no_name_becomes_a_formula_or_deceives_in_the_file(
    world: World, account: Account, name: str, expected: str
) -> None:
    make_collected(account, name=name)

    (row,) = csv_rows(csv_text(world))

    assert row["Name"] == expected


def test_who_takes_the_history_out_is_in_the_history_without_what_was_typed(
    world: World, account: Account
) -> None:
    csv_text(world, name="85073003328")

    event = AuditEvent.objects.get(action="history.exported")
    assert event.actor_id == str(world.clerk.pk)
    assert event.organisation_id == str(world.organisation.pk)
    assert event.details == {"list": "transfers", "filters": ["name"]}


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
