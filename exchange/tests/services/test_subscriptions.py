import pytest

from exchange.errors import AccountError
from exchange.models import Account, Subscription
from exchange.services.accounts import open_account
from exchange.services.subscriptions import add_subscription, remove_subscription
from exchange.tests.services.intruder import intruder
from magda_portal.audit.actions import Action
from magda_portal.audit.models import AuditEvent
from magda_portal.audit.services import Actor

pytestmark = pytest.mark.django_db

ACTOR = Actor(name="a test")


@pytest.fixture
def account() -> Account:
    opened, _ = open_account("demo", organisation="Gemeente", environment="TNI", actor=ACTOR)
    return opened


def test_a_publication_is_recognised_once_it_is_added(account: Account) -> None:
    subscription = add_subscription(
        account, prefix=" pub_mut ", format="csv", expected_period="daily", actor=ACTOR
    )

    assert subscription.matches("PUB_mut_20240417031451000.csv")
    assert subscription.expected_period == "daily"
    event = AuditEvent.objects.get(action=Action.SUBSCRIPTION_ADDED)
    assert event.organisation_id == str(account.organisation.pk)


@pytest.mark.parametrize("prefix", ["", "  ", "a/b", "a\nb", "x" * 151])
def test_a_prefix_that_no_name_can_have_is_refused(account: Account, prefix: str) -> None:
    with pytest.raises(AccountError) as caught:
        add_subscription(account, prefix=prefix, actor=ACTOR)

    assert caught.value.code == "subscription.prefix"


def test_an_unknown_format_is_refused(account: Account) -> None:
    with pytest.raises(AccountError) as caught:
        add_subscription(account, prefix="pub", format="pdf", actor=ACTOR)

    assert caught.value.code == "subscription.format"


def test_the_same_publication_twice_is_refused_whatever_its_case(account: Account) -> None:
    add_subscription(account, prefix="pub", actor=ACTOR)

    with pytest.raises(AccountError) as caught:
        add_subscription(account, prefix="PUB", actor=ACTOR)

    assert caught.value.code == "subscription.duplicate"
    assert account.subscriptions.count() == 1


def test_the_same_publication_at_the_same_moment_is_refused_too(account: Account) -> None:
    with intruder("exchange_subscription", times=1), pytest.raises(AccountError) as caught:
        add_subscription(account, prefix="pub", actor=ACTOR)

    assert caught.value.code == "subscription.duplicate"
    assert not AuditEvent.objects.filter(action=Action.SUBSCRIPTION_ADDED).exists()


def test_one_prefix_may_come_in_two_formats(account: Account) -> None:
    add_subscription(account, prefix="pub", format="csv", actor=ACTOR)
    add_subscription(account, prefix="pub", format="xml", actor=ACTOR)

    assert account.subscriptions.count() == 2


def test_removing_a_publication_twice_removes_and_tells_it_once(account: Account) -> None:
    subscription = add_subscription(account, prefix="pub", actor=ACTOR)
    again = Subscription.objects.get(pk=subscription.pk)

    remove_subscription(subscription, actor=ACTOR)
    remove_subscription(again, actor=ACTOR)

    assert not account.subscriptions.exists()
    assert AuditEvent.objects.filter(action=Action.SUBSCRIPTION_REMOVED).count() == 1
