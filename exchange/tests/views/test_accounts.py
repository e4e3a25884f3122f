"""Accounts: what is shown to whom, settings, trying now, addresses and subscriptions."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from certificates.models import WatchedServer
from certificates.tests.rows import give_certificate
from exchange.advice import advice_for
from exchange.forms import AccountForm
from exchange.models import Account, FolderTrouble, Subscription, WhitelistedAddress
from exchange.models.transfer import State
from exchange.services.accounts import EDITABLE
from exchange.tests.builders import make_account, make_transfer
from magda_portal.audit.models import AuditEvent
from magda_portal.sealing.fields import unseal_from
from magda_portal.tests.world import Visitor, World


def show(world: World, account: Account, visitor: Visitor) -> str:
    return world.browser(visitor).get(reverse("account_show", args=[account.pk])).text


def post(world: World, name: str, account: Account, *rest: object, **fields: object) -> Any:
    url = reverse(name, args=[account.pk, *rest])
    return world.browser(Visitor.ADMINISTRATOR).post(url, fields, follow=True)


def settings_of(world: World, account: Account) -> dict[str, Any]:
    """Return what the form holds when it is opened, as a browser would send it back."""
    url = reverse("account_edit", args=[account.pk])
    form = world.browser(Visitor.ADMINISTRATOR).get(url).context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value not in (None, False)}


def test_an_account_shows_whether_it_can_work(world: World, account: Account) -> None:
    page = show(world, account, Visitor.CLERK)

    for expected in (account.name, "vipftps-aip.vlaanderen.be:21", "0/7", "to_vip", "none"):
        assert expected in page


def test_the_list_takes_no_query_an_account_whatever_its_trouble(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(15):
        give_certificate(make_account(world.organisation, common_name=f"naam{number}").identity)
    now = timezone.now()
    Account.objects.update(
        trouble_code="tls.server_untrusted",
        trouble_since=now,
        paused_until=now + timedelta(hours=1),
    )
    browser = world.browser(Visitor.HELPDESK)

    with django_assert_max_num_queries(12):
        page = unescape(browser.get(reverse("accounts")).text)

    assert page.count("paused after an error") == 15


def test_an_account_shows_which_folder_is_in_trouble(world: World, account: Account) -> None:
    before = show(world, account, Visitor.CLERK)
    FolderTrouble.objects.create(account=account, folder="from_wip", error_code="file.not_found")

    page = unescape(show(world, account, Visitor.CLERK))

    assert "from_wip" not in before
    assert "from_wip" in page
    assert str(advice_for("file.not_found").what) in page


@pytest.mark.parametrize(
    ("visitor", "sees"),
    [(Visitor.CLERK, False), (Visitor.ADMINISTRATOR, True), (Visitor.HELPDESK, True)],
)
def test_the_dialogue_is_for_who_looks_for_the_fault(
    world: World, account: Account, visitor: Visitor, sees: bool
) -> None:
    give_certificate(account.identity, at=timezone.now())
    Account.objects.update(
        trouble_code="login.refused",
        trouble_since=timezone.now(),
        paused_until=timezone.now() + timedelta(hours=1),
        trouble_transcript="< 530 Login incorrect.",
    )

    page = show(world, account, visitor)

    assert str(advice_for("login.refused").what) in unescape(page)
    assert ("530 Login incorrect." in page) is sees


@pytest.mark.parametrize(
    ("age", "interval", "words", "notice"),
    [
        (timedelta(minutes=50), 300, "", ""),
        (timedelta(hours=2), 300, "too long ago", "au-c-alert--warning"),
        # Three intervals, where they are longer than an hour.
        (timedelta(hours=2), 3600, "", ""),
        (timedelta(days=8), 300, "too long ago", "au-c-alert--error"),
    ],
)
def test_an_account_says_when_magda_could_not_be_looked_at(
    world: World, account: Account, age: timedelta, interval: int, words: str, notice: str
) -> None:
    give_certificate(account.identity)
    Account.objects.update(last_looked_at=timezone.now() - age, collect_every=interval)

    page = show(world, account, Visitor.CLERK)
    listed = world.browser(Visitor.CLERK).get(reverse("accounts")).text

    assert "Last looked at MAGDA" in page
    assert ("We have not been able to look at MAGDA since" in page) is bool(words)
    assert notice in page
    assert words in listed
    assert ("too long ago" in listed) is bool(words)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (Account.State.SUSPENDED, "This account is suspended, so nobody looks at MAGDA."),
        (Account.State.ACTIVE, "This account has no certificate yet, so nobody looks at MAGDA."),
    ],
)
def test_an_account_that_nobody_looks_at_says_that_instead(
    world: World, account: Account, state: Account.State, words: str
) -> None:
    Account.objects.update(state=state, last_looked_at=timezone.now() - timedelta(days=8))

    page = show(world, account, Visitor.CLERK)

    assert words in page
    assert "We have not been able" not in page


@pytest.mark.parametrize(("pause", "expected"), [(60, 60), (-60, 5), (1, 5)])
def test_the_next_collection_is_not_before_the_next_try(
    world: World, account: Account, pause: int, expected: int
) -> None:
    give_certificate(account.identity)
    now = timezone.now()
    Account.objects.update(
        next_collection_at=now + timedelta(minutes=5), paused_until=now + timedelta(minutes=pause)
    )

    page = show(world, account, Visitor.CLERK)

    collection = page[page.index("Next collection") :]
    at = timezone.localtime(now + timedelta(minutes=expected))
    assert collection.index(at.isoformat(timespec="seconds")) < collection.index("</dd>")


def test_nobody_promises_to_collect_an_account_without_a_certificate(
    world: World, account: Account
) -> None:
    page = show(world, account, Visitor.CLERK)

    assert "<dt>Next collection</dt><dd>—</dd>" in page


@pytest.mark.parametrize(
    ("visitor", "sees"),
    [(Visitor.CLERK, True), (Visitor.ADMINISTRATOR, False), (Visitor.HELPDESK, False)],
)
def test_clerks_find_the_way_to_the_cache(
    world: World, account: Account, visitor: Visitor, sees: bool
) -> None:
    link = reverse("account_cache", args=[account.pk])

    assert (link in show(world, account, visitor)) is sees


def test_the_form_knows_exactly_the_settings_of_the_service() -> None:
    assert set(AccountForm.Meta.fields) - {"proxy_password"} == EDITABLE


def test_an_administrator_changes_settings(world: World, account: Account) -> None:
    data = settings_of(world, account)
    data["collect_folders"] = "from_vip\r\nfrom_vip/dienst\r\n"

    post(world, "account_edit", account, **{**data, "tan": "4711"})

    account.refresh_from_db()
    assert (account.tan, account.collect_folders) == ("4711", ["from_vip", "from_vip/dienst"])
    event = AuditEvent.objects.get(action="account.changed")
    assert event.actor_id == str(world.administrator.pk)
    assert set(event.details) == {"tan", "collect_folders"}


def test_saving_without_a_change_changes_nothing(world: World, account: Account) -> None:
    response = post(world, "account_edit", account, **settings_of(world, account))

    assert "The settings are saved." in response.text
    assert not AuditEvent.objects.filter(action="account.changed").exists()


def test_a_proxy_password_is_sealed_and_never_shown(world: World, account: Account) -> None:
    data = {**settings_of(world, account), "proxy_host": "proxy.voorbeeld.be"}
    data |= {"proxy_username": "jan", "proxy_password": " geheim "}

    post(world, "account_edit", account, **data)

    account.refresh_from_db()
    assert unseal_from(account, "sealed_proxy_password") == b" geheim "
    url = reverse("account_edit", args=[account.pk])
    assert "geheim" not in world.browser(Visitor.ADMINISTRATOR).get(url).text


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("host", "ftp://vipftps", "account.host"),
        ("collect_folders", "../anders", "account.folder_name"),
        ("folder_to_vip", "/etc", "account.folder_name"),
        ("passive_last", "39999", "account.passive_ports"),
    ],
)
def test_a_setting_that_can_not_work_is_refused_with_its_sentence(
    world: World, account: Account, field: str, value: str, code: str
) -> None:
    data = {**settings_of(world, account), field: value, "proxy_password": "geheim"}

    response = post(world, "account_edit", account, **data)

    assert response.status_code == 422
    assert str(advice_for(code).what) in unescape(response.text)
    account.refresh_from_db()
    assert account.sealed_proxy_password == b""


def test_trying_now_ends_the_pause_and_wakes_the_workers(
    world: World, account: Account, django_capture_on_commit_callbacks: Any
) -> None:
    give_certificate(account.identity)
    later = timezone.now() + timedelta(hours=1)
    Account.objects.update(paused_until=later, next_collection_at=later)
    queued = make_transfer(account, next_attempt_at=later)

    with django_capture_on_commit_callbacks() as callbacks:
        world.browser(Visitor.CLERK).post(reverse("account_collect", args=[account.pk]))

    account.refresh_from_db()
    queued.refresh_from_db()
    assert account.paused_until is None
    assert account.next_collection_at <= timezone.now()
    assert (queued.state, queued.next_attempt_at is None) == (State.QUEUED, False)
    assert len(callbacks) == 2


def test_a_suspended_account_is_not_tried(world: World, account: Account) -> None:
    Account.objects.update(state=Account.State.SUSPENDED)

    response = post(world, "account_collect", account)

    assert str(advice_for("account.suspended").what) in response.text
    assert not AuditEvent.objects.filter(action="collection.asked").exists()


def test_an_account_without_a_certificate_promises_no_try(world: World, account: Account) -> None:
    button = f'action="{reverse("account_collect", args=[account.pk])}"'
    before = show(world, account, Visitor.ADMINISTRATOR)

    response = post(world, "account_collect", account)

    assert str(advice_for("account.no_certificate").what) in response.text
    assert "is tried now" not in response.text
    assert not AuditEvent.objects.filter(action="collection.asked").exists()
    assert button not in before
    give_certificate(account.identity)
    assert button in show(world, account, Visitor.ADMINISTRATOR)


def test_the_page_of_an_account_shows_by_itself_what_came_of_a_try(
    world: World, account: Account
) -> None:
    give_certificate(account.identity)
    Account.objects.update(trouble_code="connect.refused", trouble_since=timezone.now())
    browser = world.browser(Visitor.ADMINISTRATOR)
    url = reverse("account_show", args=[account.pk])
    page = post(world, "account_collect", account).text
    live = browser.get(url).context["live"]
    Account.objects.update(
        trouble_code="", trouble_since=None, last_reached_at=timezone.now(), paused_until=None
    )

    part = browser.get(url, {"version": live.version}, headers={"HX-Request": "true"})

    assert "Load the page again" not in page
    assert f'hx-get="{url}"' in page
    assert part.status_code == 200
    assert 'data-told="This account works."' in part.text
    assert "connect" not in part.text
    assert "<h1" not in part.text


def test_a_page_of_an_account_takes_twelve_queries(
    world: World, account: Account, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    give_certificate(account.identity)
    Account.objects.update(trouble_code="tls.server_untrusted", trouble_since=timezone.now())
    WatchedServer.objects.create(
        environment=account.environment, host=account.host, port=account.port
    )
    browser = world.browser(Visitor.CLERK)

    with django_assert_max_num_queries(12):
        browser.get(reverse("account_show", args=[account.pk]))


def test_suspending_is_confirmed_first_and_says_what_waits(world: World, account: Account) -> None:
    make_transfer(account)
    make_transfer(account, name="tweede.xml", state=State.WAITING)
    make_transfer(account, name="mislukt.xml", state=State.FAILED)
    url = reverse("account_suspend", args=[account.pk])

    page = world.browser(Visitor.ADMINISTRATOR).get(url).text

    account.refresh_from_db()
    assert "2 requests that have not reached MAGDA yet wait" in page
    assert account.state == Account.State.ACTIVE


def test_removing_a_subscription_is_confirmed_first(world: World, account: Account) -> None:
    row = Subscription.objects.create(account=account, prefix="pub_mut-")
    url = reverse("subscription_remove", args=[account.pk, row.pk])

    page = world.browser(Visitor.ADMINISTRATOR).get(url).text

    assert "What was collected stays" in page
    assert Subscription.objects.exists()


def test_every_field_of_the_settings_stands_in_a_section_with_help(
    world: World, account: Account
) -> None:
    url = reverse("account_edit", args=[account.pk])
    form = world.browser(Visitor.ADMINISTRATOR).get(url).context["form"]

    in_sections = [field.name for filled in form.sections for field in filled.fields]
    assert sorted(in_sections) == sorted(form.fields)
    assert [field.name for field in form if not field.help_text] == []


def test_every_page_of_an_account_says_its_environment_in_the_title(
    world: World, account: Account
) -> None:
    row = Subscription.objects.create(account=account, prefix="pub_mut-")
    address = WhitelistedAddress.objects.create(account=account, address="193.191.4.10", slot=1)
    pages = {
        "account_show": [],
        "account_edit": [],
        "account_suspend": [],
        "account_addresses": [],
        "account_subscriptions": [],
        "account_folders": [],
        "account_network": [],
        "address_withdraw": [address.pk],
        "subscription_remove": [row.pk],
    }
    browser = world.browser(Visitor.ADMINISTRATOR)

    for name, rest in pages.items():
        page = browser.get(reverse(name, args=[account.pk, *rest])).text
        assert " · TNI · " in page[: page.index("</title>")], name


def test_an_administrator_suspends_and_resumes(world: World, account: Account) -> None:
    post(world, "account_suspend", account)
    account.refresh_from_db()
    assert account.state == Account.State.SUSPENDED

    post(world, "account_resume", account)
    account.refresh_from_db()
    assert account.state == Account.State.ACTIVE


def test_an_address_is_requested_activated_and_withdrawn(world: World, account: Account) -> None:
    post(world, "account_addresses", account, address="193.191.4.10", purpose="Stadhuis")
    row = WhitelistedAddress.objects.get()
    assert (row.state, row.slot, row.purpose) == ("REQUESTED", 1, "Stadhuis")

    post(world, "address_activate", account, row.pk)
    row.refresh_from_db()
    assert row.state == "ACTIVE"

    page = post(world, "address_withdraw", account, row.pk).text
    row.refresh_from_db()
    assert (row.state, row.slot) == ("WITHDRAWN", None)
    assert "address withdrawn" in page


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("193.191.4.0/24", "address.range"),
        ("193.191.4.10-20", "address.range"),
        ("10.0.0.1", "address.private"),
        ("127.0.0.1", "address.loopback"),
        ("224.0.0.1", "address.multicast"),
        ("0.0.0.0", "address.unspecified"),  # entered in a form, never bound to
        ("stadhuis", "address.malformed"),
    ],
)
def test_an_address_that_magda_can_not_use_is_refused_with_its_sentence(
    world: World, account: Account, address: str, code: str
) -> None:
    response = post(world, "account_addresses", account, address=address)

    assert response.status_code == 422
    assert str(advice_for(code).what) in unescape(response.text)
    assert not WhitelistedAddress.objects.exists()


def test_the_eighth_address_is_refused(world: World, account: Account) -> None:
    for number in range(1, 8):
        post(world, "account_addresses", account, address=f"193.191.4.{number}")

    response = post(world, "account_addresses", account, address="193.191.4.8")

    assert str(advice_for("address.limit").what) in response.text
    assert WhitelistedAddress.objects.count() == 7


def test_a_clerk_sees_the_addresses_and_changes_none(world: World, account: Account) -> None:
    url = reverse("account_addresses", args=[account.pk])
    browser = world.browser(Visitor.CLERK)

    assert "Request an address" not in browser.get(url).text
    assert browser.post(url, {"address": "193.191.4.10"}).status_code == 403
    assert not WhitelistedAddress.objects.exists()


def test_an_address_of_another_account_is_not_found(world: World, account: Account) -> None:
    other = make_account(world.organisation, common_name="ander")
    row = WhitelistedAddress.objects.create(account=other, address="193.191.4.10", slot=1)

    assert post(world, "address_withdraw", account, row.pk).status_code == 404


def test_a_subscription_is_added_and_removed(world: World, account: Account) -> None:
    post(world, "account_subscriptions", account, name_prefix="pub_mut-", format="xml")
    row = Subscription.objects.get()
    assert (row.prefix, row.format) == ("pub_mut-", "xml")

    post(world, "subscription_remove", account, row.pk)
    assert not Subscription.objects.exists()


def test_a_doubled_subscription_is_refused(world: World, account: Account) -> None:
    post(world, "account_subscriptions", account, name_prefix="pub_mut-", format="")

    response = post(world, "account_subscriptions", account, name_prefix="PUB_MUT-", format="")

    assert response.status_code == 422
    assert str(advice_for("subscription.duplicate").what) in response.text
