from collections.abc import Iterator

import pytest
import time_machine

from certificates.tests.rows import NOW


@pytest.fixture
def frozen() -> Iterator[None]:
    """Let the portal's clock stand still inside the period of the tests' certificates."""
    with time_machine.travel(NOW, tick=False):
        yield
