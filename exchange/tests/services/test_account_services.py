import pytest

from exchange.errors import AccountError
from exchange.models import Account, Service
from exchange.services.account_services import add_service, change_service, mark_of, remove_service
from exchange.tests.builders import make_account
from exchange.tests.services.intruder import intruder
from magda_portal.audit.actions import Action
from magda_portal.audit.models import AuditEvent
from magda_portal.audit.services import Actor
from magda_portal.tests.world import World

pytestmark = pytest.mark.django_db

ACTOR = Actor(name="a test")


@pytest.fixture
def account(world: World) -> Account:
    return make_account(world.organisation)


def add(account: Account, name: str = "GeefPersoon", pattern: str = "*.xml") -> Service:
    return add_service(account, name=name, pattern=pattern, actor=ACTOR)


def events(action: Action) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action))


def test_a_service_is_added_and_told(account: Account) -> None:
    service = add(account, name="  Geef  Persoon ", pattern=" vraag_*.xml ")

    assert (service.name, service.pattern) == ("Geef Persoon", "vraag_*.xml")
    (event,) = events(Action.SERVICE_ADDED)
    assert event.organisation_id == str(account.organisation.pk)
    assert event.details == {"pattern": "vraag_*.xml"}


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\u202eb"])
def test_a_name_that_says_nothing_is_refused(account: Account, name: str) -> None:
    with pytest.raises(AccountError) as caught:
        add(account, name=name)

    assert caught.value.code == "service.name"
    assert not Service.objects.exists()


def test_a_pattern_that_is_none_is_refused(account: Account) -> None:
    with pytest.raises(AccountError) as caught:
        add(account, pattern="{day}.xml")

    assert caught.value.code == "pattern.word"


def test_the_same_service_twice_is_refused_whatever_its_case(account: Account) -> None:
    add(account)

    with pytest.raises(AccountError) as caught:
        add(account, name="GEEFPERSOON")

    assert caught.value.code == "service.duplicate"


def test_the_same_service_at_the_same_moment_is_refused_too(account: Account) -> None:
    with intruder("exchange_service", times=1), pytest.raises(AccountError) as caught:
        add(account)

    assert caught.value.code == "service.duplicate"
    assert not events(Action.SERVICE_ADDED)


def test_another_account_may_have_the_same_service(world: World, account: Account) -> None:
    add(account)

    add(make_account(world.elsewhere, common_name="elders"))

    assert Service.objects.count() == 2


def test_a_change_is_told_with_what_it_was(account: Account) -> None:
    service = add(account)

    change_service(
        service, name="geefpersoon", pattern="p_*.xml", seen=mark_of(service), actor=ACTOR
    )

    service.refresh_from_db()
    assert (service.name, service.pattern) == ("geefpersoon", "p_*.xml")
    (event,) = events(Action.SERVICE_CHANGED)
    assert event.details["before"] == {"name": "GeefPersoon", "pattern": "*.xml"}


def test_a_change_of_nothing_is_not_told(account: Account) -> None:
    change_service(add(account), name="GeefPersoon", pattern="*.xml", seen="", actor=ACTOR)

    assert not events(Action.SERVICE_CHANGED)


def test_a_change_to_the_name_of_another_is_refused(account: Account) -> None:
    add(account)
    other = add(account, name="GeefAdres")

    with pytest.raises(AccountError) as caught:
        change_service(other, name="geefpersoon", pattern="*.xml", seen=mark_of(other), actor=ACTOR)

    assert caught.value.code == "service.duplicate"


def test_a_service_that_was_removed_meanwhile_is_not_changed(account: Account) -> None:
    service = add(account)
    Service.objects.all().delete()

    with pytest.raises(AccountError) as caught:
        change_service(
            service, name="GeefPersoon", pattern="p_*.xml", seen=mark_of(service), actor=ACTOR
        )

    assert caught.value.code == "service.gone"
    assert not Service.objects.exists()


def test_removing_a_service_twice_removes_and_tells_it_once(account: Account) -> None:
    service = add(account)
    again = Service.objects.get(pk=service.pk)

    remove_service(service, actor=ACTOR)
    remove_service(again, actor=ACTOR)

    assert not Service.objects.exists()
    assert len(events(Action.SERVICE_REMOVED)) == 1
