from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from certificates.tests.rows import give_certificate
from exchange.advice import advice_for
from exchange.models import Account, FolderTrouble, Payload, RemoteFile
from exchange.services.opening import open_content
from exchange.tests.builders import make_account, make_collected, make_delivered
from magda_portal.audit.services import Actor
from magda_portal.people.models import Membership, Person, Role
from magda_portal.tests.world import Visitor, World


def page_of(world: World, visitor: Visitor = Visitor.CLERK) -> str:
    return world.browser(visitor).get(reverse("inbox")).text


def test_it_shows_what_was_collected_with_the_day_on_which_magda_removes_it(
    world: World, account: Account
) -> None:
    request = make_delivered(account, name="vraag.xml")
    make_collected(account, name="antwoord.xml", answers_to=request)
    RemoteFile.objects.update(removal_day=date(2031, 3, 4))

    page = page_of(world)

    for expected in ("antwoord.xml", "vraag.xml", "4 March 2031", "new"):
        assert expected in page


def listed(world: World, visitor: Visitor = Visitor.CLERK, **query: Any) -> list[str]:
    page = world.browser(visitor).get(reverse("inbox"), query).context["page"]
    return [transfer.final_name for transfer in page.rows]


def test_what_somebody_opened_is_read_by_whom_and_when(world: World, account: Account) -> None:
    answer = make_collected(account)
    colleague = Person.objects.create(email="collega@voorbeeld.example", name="Col Lega")
    at = datetime(2031, 3, 4, 9, 30, tzinfo=UTC)
    fresh = page_of(world)

    open_content(answer, actor=Actor.person(colleague), now=at).close()
    open_content(answer, actor=Actor.person(world.clerk), now=timezone.now()).close()
    page = page_of(world)

    assert "</span>new</span>" in fresh
    assert "</span>read</span>" in page
    assert 'by Col Lega, <time datetime="2031-03-04T10:30:00+01:00">' in page


def test_the_inbox_is_filtered_by_new_and_read(world: World, account: Account) -> None:
    make_collected(account, name="nieuw.xml")
    read = make_collected(account, name="gelezen.xml")
    Payload.objects.filter(transfer=read).update(first_opened_at=timezone.now())

    assert listed(world, read="new") == ["nieuw.xml"]
    assert listed(world, read="read") == ["gelezen.xml"]
    assert listed(world) == ["gelezen.xml", "nieuw.xml"]


def test_the_inbox_is_filtered_by_name_reference_service_kind_account_and_day(
    world: World, account: Account
) -> None:
    request = make_delivered(account)
    yesterday = timezone.now() - timedelta(days=1)
    other = make_account(world.organisation, common_name="ander")
    make_collected(account, name="antwoord.xml", answers_to=request, referte="REF-1")
    make_collected(other, name="publicatie.xml", service="Publicatie", created_at=yesterday)

    assert listed(world, name="ANTW") == ["antwoord.xml"]
    assert listed(world, referte="REF-1") == ["antwoord.xml"]
    assert listed(world, service="publicatie") == ["publicatie.xml"]
    assert listed(world, kind="answer") == ["antwoord.xml"]
    assert listed(world, kind="other") == ["publicatie.xml"]
    assert listed(world, account=str(other.pk)) == ["publicatie.xml"]
    assert listed(world, last_day=timezone.localdate(yesterday)) == ["publicatie.xml"]
    assert listed(world, order="oldest") == ["publicatie.xml", "antwoord.xml"]


def test_requests_are_not_in_the_inbox(world: World, account: Account) -> None:
    make_delivered(account)

    assert listed(world) == []


def test_only_who_may_open_files_can_choose_them(world: World, account: Account) -> None:
    answer = make_collected(account)
    erased = make_collected(account, name="gewist.xml")
    Payload.objects.filter(transfer=erased).update(erased_at=timezone.now())

    assert f'name="transfer" value="{answer.pk}"' in page_of(world)
    assert f'name="transfer" value="{erased.pk}"' not in page_of(world)
    for visitor in (Visitor.ADMINISTRATOR, Visitor.HELPDESK):
        assert 'name="transfer"' not in page_of(world, visitor)
        assert "(ZIP)" not in page_of(world, visitor)


def test_the_inbox_takes_few_queries_however_full(
    world: World, account: Account, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        answer = make_collected(account, name=f"{number}.xml")
        open_content(answer, actor=Actor.person(world.clerk), now=timezone.now()).close()
        RemoteFile.objects.create(
            account=account,
            folder="from_vip",
            name=f"groot{number}.csv",
            size=1,
            removal_day=timezone.localdate(),
            error_code="data.stalled",
            last_error_at=timezone.now(),
        )
    for visitor in (Visitor.CLERK, Visitor.ADMINISTRATOR, Visitor.HELPDESK):
        browser = world.browser(visitor)

        with django_assert_max_num_queries(12):
            browser.get(reverse("inbox"))


def test_a_file_that_could_not_be_fetched_is_shown_with_its_trouble(
    world: World, account: Account
) -> None:
    RemoteFile.objects.create(
        account=account,
        folder="from_vip",
        name="groot.csv",
        size=1,
        removal_day=timezone.localdate() + timedelta(days=3),
        error_code="data.stalled",
    )

    page = page_of(world)

    assert "groot.csv" in page
    assert str(advice_for("data.stalled").what) in page


def test_the_tries_so_far_and_the_next_one_are_shown(world: World, account: Account) -> None:
    RemoteFile.objects.create(
        account=account,
        folder="from_vip",
        name=r"caf\xe9.csv",
        name_is_escaped=True,
        size=1,
        removal_day=date(2031, 3, 4),
        error_code="data.stalled",
        failures=3,
        last_error_at=timezone.now(),
        next_try_at=timezone.now() + timedelta(minutes=4),
    )

    page = page_of(world)

    for expected in (r"caf\xe9.csv", "Failed 3 times in a row", "The next try:", "4 March 2031"):
        assert expected in page


def test_a_file_that_is_kept_but_can_not_be_cleared_is_shown(
    world: World, account: Account
) -> None:
    make_collected(account, name="antwoord.xml")
    quiet = page_of(world)
    RemoteFile.objects.update(error_code="file.denied")

    assert "fetched, but not cleared at MAGDA" not in quiet
    assert "fetched, but not cleared at MAGDA" in page_of(world)


def test_a_folder_that_can_not_be_read_is_shown_to_its_organisation(
    world: World, account: Account
) -> None:
    FolderTrouble.objects.create(
        account=account, folder="from_vip/none", error_code="file.not_found"
    )

    page = page_of(world)

    assert "from_vip/none" in page
    assert str(advice_for("file.not_found").what) in page
    assert "from_vip/none" not in page_of(world, Visitor.STRANGER)


def test_it_shows_nothing_of_another_organisation(world: World) -> None:
    make_collected(make_account(world.elsewhere), name="vreemd.xml")

    assert "vreemd.xml" not in page_of(world)
    assert "vreemd.xml" in page_of(world, Visitor.HELPDESK)
    assert "vreemd.xml" in page_of(world, Visitor.STRANGER)


@pytest.mark.parametrize(
    ("days", "words"),
    [(5, "5 days left"), (1, "1 day left"), (0, "removed today"), (-1, "may be gone")],
)
def test_a_file_that_is_not_fetched_shows_the_time_it_has_left(
    world: World, account: Account, days: int, words: str
) -> None:
    RemoteFile.objects.create(
        account=account,
        folder="from_vip",
        name="groot.csv",
        size=1,
        removal_day=timezone.localdate() + timedelta(days=days),
    )

    page = page_of(world)

    assert words in page
    assert ("badge-bad" in page) is (days < 3)


@pytest.mark.parametrize(
    ("visitor", "sees"),
    [(Visitor.CLERK, False), (Visitor.ADMINISTRATOR, True), (Visitor.HELPDESK, True)],
)
def test_the_dialogue_about_a_file_is_for_who_looks_for_the_fault(
    world: World, account: Account, visitor: Visitor, sees: bool
) -> None:
    RemoteFile.objects.create(
        account=account,
        folder="from_vip",
        name="groot.csv",
        size=1,
        removal_day=timezone.localdate(),
        error_code="data.aborted",
        failures=2,
        last_error_at=timezone.now(),
        transcript="< 451 Disk <on> fire.",
    )

    page = page_of(world, visitor)

    assert str(advice_for("data.aborted").what) in unescape(page)
    assert ("451 Disk &lt;on&gt; fire." in page) is sees


def test_an_administrator_elsewhere_sees_no_dialogue_of_ours(
    world: World, account: Account
) -> None:
    """Roles add up: a clerk here may be an administrator of another organisation."""
    Membership.objects.create(
        person=world.clerk, organisation=world.elsewhere, role=Role.ADMINISTRATOR
    )
    for place in (account, make_account(world.elsewhere, common_name="kb/anders")):
        RemoteFile.objects.create(
            account=place,
            folder="from_vip",
            name="groot.csv",
            size=1,
            removal_day=timezone.localdate(),
            error_code="data.aborted",
            last_error_at=timezone.now(),
            transcript=f"< 451 {place.organisation}",
        )

    page = page_of(world)

    assert f"451 {world.elsewhere}" in page
    assert f"451 {world.organisation}" not in page


def test_it_says_when_we_last_looked_and_when_we_could_not(world: World, account: Account) -> None:
    give_certificate(account.identity)
    Account.objects.update(last_looked_at=datetime(2031, 3, 4, 12, tzinfo=UTC))
    fine = unescape(page_of(world))
    Account.objects.update(last_looked_at=timezone.now() - timedelta(days=8))

    late = unescape(page_of(world))

    assert "Last looked at MAGDA:" in fine
    assert "4 March 2031" in fine
    assert "We have not been able to look at MAGDA since" not in fine
    assert "We have not been able to look at MAGDA since" in late
    assert "au-c-alert--error" in late


def test_it_says_that_nobody_looks_while_an_account_is_suspended(
    world: World, account: Account
) -> None:
    Account.objects.update(state=Account.State.SUSPENDED)

    assert "This account is suspended, so nobody looks at MAGDA." in page_of(world)
