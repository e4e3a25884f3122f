import pytest

from exchange.models import Account
from exchange.tests.builders import make_account
from magda_portal.tests.world import World


@pytest.fixture
def account(world: World) -> Account:
    return make_account(world.organisation)
