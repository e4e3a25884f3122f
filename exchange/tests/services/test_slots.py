"""How many connections an account holds at a time, over all workers."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from exchange.models import Account, ConnectionSlot
from exchange.services.slots import Slot, SlotLostError, collection_waits, hold_slot
from exchange.tests.builders import make_account
from magda_portal.tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(world: World) -> Account:
    return make_account(
        world.organisation, next_collection_at=timezone.now() + timedelta(minutes=5)
    )


def test_an_account_holds_no_more_connections_than_it_may(
    account: Account, settings: Settings
) -> None:
    settings.CONNECTIONS_PER_ACCOUNT = 2

    with hold_slot(account) as first, hold_slot(account) as second, hold_slot(account) as third:
        assert (first is not None, second is not None, third) == (True, True, None)
    with hold_slot(account) as again:
        assert again is not None


def test_a_smaller_limit_counts_from_now_on(account: Account, settings: Settings) -> None:
    settings.CONNECTIONS_PER_ACCOUNT = 3
    with hold_slot(account):
        settings.CONNECTIONS_PER_ACCOUNT = 1
        with hold_slot(account) as slot:
            assert slot is None


def test_a_slot_whose_holder_died_is_free_when_its_lease_is_over(
    account: Account, settings: Settings
) -> None:
    settings.CONNECTIONS_PER_ACCOUNT = 1
    with hold_slot(account) as dead:
        ConnectionSlot.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

        with hold_slot(account) as slot:
            assert slot is not None
            assert dead is not None
            dead._timer._since -= 20
            with pytest.raises(SlotLostError):
                dead.renew_now_and_then()


def test_who_lost_its_slot_does_not_free_that_of_another(
    account: Account, settings: Settings
) -> None:
    settings.CONNECTIONS_PER_ACCOUNT = 1
    with hold_slot(account):
        ConnectionSlot.objects.update(token=99)

    assert ConnectionSlot.objects.get().lease_until is not None


def test_the_last_slot_is_left_to_a_collection_that_is_due(
    account: Account, settings: Settings
) -> None:
    settings.CONNECTIONS_PER_ACCOUNT = 2
    Account.objects.update(next_collection_at=timezone.now() - timedelta(seconds=1))

    with hold_slot(account) as first, hold_slot(account) as second:
        assert (first is not None, second) == (True, None)
        with hold_slot(account, for_collection=True) as collecting:
            assert collecting is not None


def test_where_one_connection_is_all_a_delivery_may_have_it(
    account: Account, settings: Settings
) -> None:
    settings.CONNECTIONS_PER_ACCOUNT = 1
    Account.objects.update(next_collection_at=timezone.now() - timedelta(seconds=1))

    with hold_slot(account) as slot:
        assert slot is not None


def test_a_collection_that_finds_no_connection_is_waited_for(
    account: Account, settings: Settings
) -> None:
    settings.CONNECTIONS_PER_ACCOUNT = 2
    with hold_slot(account), hold_slot(account):
        assert not collection_waits(account)
        Account.objects.update(next_collection_at=timezone.now() - timedelta(seconds=1))
        assert collection_waits(account)
    assert not collection_waits(account)


def test_a_slot_is_renewed_as_long_as_it_is_held(account: Account) -> None:
    with hold_slot(account) as slot:
        assert isinstance(slot, Slot)
        ConnectionSlot.objects.filter(lease_until__isnull=False).update(lease_until=timezone.now())
        slot._timer._since -= 16

        slot.renew_now_and_then()

        renewed = ConnectionSlot.objects.get(lease_until__isnull=False)
        assert renewed.lease_until is not None
        assert renewed.lease_until > timezone.now() + timedelta(seconds=50)
