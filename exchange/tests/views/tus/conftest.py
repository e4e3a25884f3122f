from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from exchange.models import Account
from exchange.tests.views.tus.client import TusClient
from magda_portal.tests.world import Visitor, World


@pytest.fixture(autouse=True)
def store(tmp_path: Path, settings: Settings) -> Path:
    settings.PAYLOAD_DIR = tmp_path
    return tmp_path


@pytest.fixture
def tus(world: World, account: Account) -> TusClient:
    return TusClient(world.browser(Visitor.CLERK), account)
