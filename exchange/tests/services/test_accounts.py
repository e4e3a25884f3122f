import pytest

from certificates.errors import IdentityError
from certificates.models import Environment
from exchange.errors import AccountError
from exchange.models import Account
from exchange.services.accounts import (
    change_account,
    find_account,
    open_account,
    resume,
    set_proxy,
    suspend,
)
from magda_portal.audit.actions import Action
from magda_portal.audit.models import AuditEvent
from magda_portal.audit.services import Actor
from magda_portal.people.models import Organisation
from magda_portal.sealing.fields import unseal_from

pytestmark = pytest.mark.django_db

ACTOR = Actor(name="a test")
NAME = "kb.vlaanderen.be/aiv/burgerloket wwoom-aip"


def make_account(
    *, name: str = NAME, environment: str = "TNI", organisation: str = "Gemeente Voorbeeld"
) -> Account:
    account, _ = open_account(name, organisation=organisation, environment=environment, actor=ACTOR)
    return account


def actions() -> list[str]:
    return [event.action for event in AuditEvent.objects.order_by("id")]


@pytest.mark.parametrize(
    ("environment", "host", "port"),
    [
        (Environment.PRD, "vipftps.vlaanderen.be", 21),
        (Environment.TNI, "vipftps-aip.vlaanderen.be", 21),
        (Environment.SANDBOX, "127.0.0.1", 2121),
    ],
)
def test_a_new_account_has_the_endpoint_of_its_environment(
    environment: str, host: str, port: int
) -> None:
    account = make_account(environment=environment)

    account.refresh_from_db()

    assert (account.host, account.port) == (host, port)


def test_opening_makes_what_is_missing_and_tells_all_of_it() -> None:
    account, is_new = open_account(
        NAME, organisation="Gemeente Voorbeeld", environment="TNI", actor=ACTOR
    )

    assert is_new
    assert account.organisation.name == "Gemeente Voorbeeld"
    assert actions() == [Action.ORGANISATION_ADDED, Action.IDENTITY_ADDED, Action.ACCOUNT_OPENED]


def test_opening_again_changes_nothing() -> None:
    first = make_account()
    events = actions()

    second, is_new = open_account(
        NAME, organisation="gemeente voorbeeld", environment="TNI", actor=ACTOR
    )

    assert (second, is_new) == (first, False)
    assert actions() == events


def test_a_name_of_another_organisation_is_refused_and_nothing_is_made() -> None:
    make_account()

    with pytest.raises(IdentityError):
        make_account(organisation="Gemeente Anders")

    assert not Organisation.objects.filter(name="Gemeente Anders").exists()


def test_an_organisation_needs_a_name() -> None:
    with pytest.raises(AccountError, match=r"account\.organisation"):
        make_account(organisation="  ")


def test_an_account_is_found_by_its_name() -> None:
    account = make_account()

    assert find_account(NAME) == account


def test_an_unknown_name_is_said_to_be_unknown() -> None:
    make_account(environment="TNI")

    with pytest.raises(AccountError) as caught:
        find_account(NAME, environment="PRD")

    assert caught.value.code == "account.unknown"


def test_a_name_in_two_environments_needs_the_environment() -> None:
    make_account(environment="TNI")
    production = make_account(environment="PRD")

    with pytest.raises(AccountError) as caught:
        find_account(NAME)

    assert caught.value.code == "account.ambiguous"
    assert find_account(NAME, environment="PRD") == production


def test_a_change_is_saved_and_told_with_before_and_after() -> None:
    account = make_account()

    change_account(
        account,
        changes={"host": "ftps.example", "port": 21, "collect_folders": ["from_vip", "a/b"]},
        actor=ACTOR,
    )

    account.refresh_from_db()
    assert (account.host, account.collect_folders) == ("ftps.example", ["from_vip", "a/b"])
    assert AuditEvent.objects.get(action=Action.ACCOUNT_CHANGED).details == {
        "host": {"before": "vipftps-aip.vlaanderen.be", "after": "ftps.example"},
        "collect_folders": {"before": "from_vip", "after": "from_vip, a/b"},
    }


def test_a_change_to_the_same_values_is_no_event() -> None:
    account = make_account()

    change_account(account, changes={"host": account.host, "port": account.port}, actor=ACTOR)

    assert Action.ACCOUNT_CHANGED not in actions()


def test_a_field_that_nobody_may_edit_is_a_mistake_of_the_programmer() -> None:
    with pytest.raises(ValueError, match="not editable"):
        change_account(make_account(), changes={"state": "SUSPENDED"}, actor=ACTOR)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"host": ""}, "account.host"),
        ({"host": "ftps.example\r\nNOOP"}, "account.host"),
        ({"host": "two hosts"}, "account.host"),
        ({"port": 0}, "account.port"),
        ({"port": 65536}, "account.port"),
        ({"proxy_host": "proxy/path"}, "account.proxy_url"),
        ({"proxy_host": "proxy.example", "proxy_port": 0}, "account.proxy_url"),
        ({"folder_to_vip": ""}, "account.folder_name"),
        ({"folder_to_vip": "to_vip\r\nDELE x"}, "account.folder_name"),
        ({"folder_public": "../other"}, "account.folder_name"),
        ({"folder_public": "public/.."}, "account.folder_name"),
        ({"folder_public": "/public"}, "account.folder_name"),
        ({"folder_public": "-R"}, "account.folder_name"),
        ({"folder_from_vip": "from_vip "}, "account.folder_name"),
        ({"folder_cache_from_vip": "cache//from_vip"}, "account.folder_name"),
        ({"staging_folder": ".."}, "account.folder_name"),
        ({"collect_folders": []}, "account.folder_name"),
        ({"collect_folders": ["from_vip", ""]}, "account.folder_name"),
        ({"collect_folders": ["from_vip", "from_vip"]}, "account.folder_name"),
        ({"collect_folders": ["from_vip", "a" * 201]}, "account.folder_name"),
        ({"folder_public": "a" * 101}, "account.folder_name"),
        ({"passive_first": 42000, "passive_last": 40000}, "account.passive_ports"),
        ({"collect_every": 4}, "account.collect_every"),
        ({"collect_every": 9223372036854775806}, "account.collect_every"),
        ({"clear_cache_after": 99999999999}, "account.clear_cache_after"),
        ({"collect_folders": ["to_vip"]}, "account.folder_overlap"),
        ({"collect_folders": ["from_vip", "public/x"]}, "account.folder_overlap"),
        ({"collect_folders": ["cache/from_vip"]}, "account.folder_overlap"),
        ({"folder_to_vip": "from_vip"}, "account.folder_overlap"),
        ({"after_collection": "KEEP"}, "account.invalid"),
    ],
)
def test_a_setting_that_can_not_work_is_refused_by_name(
    changes: dict[str, object], code: str
) -> None:
    account = make_account()
    before = Account.objects.filter(pk=account.pk).values().get()

    with pytest.raises(AccountError) as caught:
        change_account(account, changes=changes, actor=ACTOR)

    assert caught.value.code == code
    assert Account.objects.filter(pk=account.pk).values().get() == before
    assert Action.ACCOUNT_CHANGED not in actions()


def test_a_staging_folder_may_be_empty() -> None:
    account = make_account()

    change_account(account, changes={"staging_folder": "to_vip/upload"}, actor=ACTOR)
    change_account(account, changes={"staging_folder": ""}, actor=ACTOR)

    account.refresh_from_db()
    assert account.staging_folder == ""


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://proxyservers.vlaanderen.be:8080", ("proxyservers.vlaanderen.be", 8080, "", "")),
        ("http://proxy.example/", ("proxy.example", 8080, "", "")),
        ("proxy.example:3128", ("proxy.example", 3128, "", "")),
        ("http://us%40er:p%3Aw@proxy.example:1", ("proxy.example", 1, "us@er", "p:w")),
    ],
)
def test_a_proxy_is_given_as_a_url(url: str, expected: tuple[str, int, str, str]) -> None:
    account = make_account()

    set_proxy(account, url=url, actor=ACTOR)

    account.refresh_from_db()
    password = unseal_from(account, "sealed_proxy_password") if expected[3] else b""
    found = (account.proxy_host, account.proxy_port, account.proxy_username, password.decode())
    assert found == expected


def test_the_password_of_a_proxy_is_sealed_and_never_told() -> None:
    account = make_account()

    set_proxy(account, url="http://me:hunter2hunter2@proxy.example:3128", actor=ACTOR)

    account.refresh_from_db()
    assert b"hunter2" not in bytes(account.sealed_proxy_password)
    told = str(list(AuditEvent.objects.values()))
    assert "proxy.example" in told
    assert "hunter2" not in told


def test_an_empty_url_ends_the_use_of_a_proxy() -> None:
    account = make_account()
    set_proxy(account, url="http://me:secret@proxy.example:3128", actor=ACTOR)

    set_proxy(account, url="", actor=ACTOR)

    account.refresh_from_db()
    assert (account.proxy_host, account.proxy_username) == ("", "")
    assert not account.sealed_proxy_password


@pytest.mark.parametrize(
    "url",
    [
        "https://proxy.example",
        "socks5://proxy.example",
        "http://",
        "http://me:secret@proxy.example:x",
        "http://me:secret@proxy.example:99999",
        "http://me:secret@proxy.example/path",
        "http://me:secret@proxy.example?query",
        "http://me:secret@[proxy",
        "http://me%0d%0aX:secret@proxy.example",
        "me:secret@pro xy.example",
    ],
)
def test_a_url_that_is_no_proxy_is_refused_without_repeating_its_password(url: str) -> None:
    account = make_account()

    with pytest.raises(AccountError) as caught:
        set_proxy(account, url=url, actor=ACTOR)

    assert caught.value.code == "account.proxy_url"
    assert "secret" not in str(caught.value)
    account.refresh_from_db()
    assert account.proxy_host == ""


def test_suspending_stops_and_resuming_starts_an_account_once() -> None:
    account = make_account()

    suspend(account, actor=ACTOR)
    suspend(account, actor=ACTOR)

    account.refresh_from_db()
    assert account.state == Account.State.SUSPENDED

    resume(account, actor=ACTOR)
    resume(account, actor=ACTOR)

    account.refresh_from_db()
    assert account.state == Account.State.ACTIVE
    assert actions()[-2:] == [Action.ACCOUNT_SUSPENDED, Action.ACCOUNT_RESUMED]
