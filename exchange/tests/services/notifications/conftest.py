"""An organisation with a clerk who is told at once, and a trail that is read up to now."""

import pytest
from django.utils import timezone

from certificates.tests.rows import make_person
from exchange.models import Account
from exchange.services.notifications import note_events
from exchange.tests.builders import make_account
from exchange.tests.services.notifications.happening import choose
from magda_portal.people.models import Organisation, Person, Role, Timing


@pytest.fixture
def organisation(db: None) -> Organisation:
    return Organisation.objects.create(name="Gemeente Voorbeeld", code="0123456789")


@pytest.fixture
def clerk(organisation: Organisation) -> Person:
    return make_person("klerk@voorbeeld.example", organisation=organisation, role=Role.CLERK)


@pytest.fixture
def account(organisation: Organisation, clerk: Person) -> Account:
    account = make_account(organisation)
    note_events(now=timezone.now())
    return account


@pytest.fixture
def eager(clerk: Person) -> Person:
    """The clerk, who wants to hear of everything at once."""
    choose(clerk, arrived=Timing.AT_ONCE, failed=Timing.AT_ONCE)
    return clerk
