from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from certificates.tests.views.conftest import Town

Browser = Callable[[str], Client]


def url_of(town: Town) -> str:
    return reverse("identity_mailbox", args=[town.identity.pk])


@pytest.mark.parametrize("mailbox", ["rol@voorbeeld.example", ""])
def test_an_administrator_sets_the_role_mailbox_or_takes_it_away(
    browser_of: Browser, town: Town, mailbox: str
) -> None:
    town.identity.role_mailbox = "oud@voorbeeld.example"
    town.identity.save()
    browser = browser_of("administrator")

    form = browser.get(url_of(town)).text
    page = browser.post(url_of(town), {"role_mailbox": mailbox}, follow=True)

    assert "oud@voorbeeld.example" in form
    assert page.redirect_chain == [(reverse("identity_show", args=[town.identity.pk]), 302)]
    town.identity.refresh_from_db()
    assert town.identity.role_mailbox == mailbox


def test_what_is_no_address_is_refused(browser_of: Browser, town: Town) -> None:
    page = browser_of("administrator").post(url_of(town), {"role_mailbox": "rol"})

    assert page.context["form"].errors.keys() == {"role_mailbox"}


@pytest.mark.parametrize(
    ("role", "status"),
    [("anonymous", 302), ("clerk", 403), ("commuter", 403), ("helpdesk", 403), ("stranger", 404)],
)
def test_nobody_else_changes_it(browser_of: Browser, town: Town, role: str, status: int) -> None:
    for method in ("get", "post"):
        answer = getattr(browser_of(role), method)(url_of(town), {"role_mailbox": "x@y.example"})
        assert answer.status_code == status
    town.identity.refresh_from_db()
    assert town.identity.role_mailbox == ""


def test_other_methods_and_missing_identities_are_refused(browser_of: Browser, town: Town) -> None:
    browser = browser_of("administrator")

    assert browser.put(url_of(town)).status_code == 405
    assert browser.get(reverse("identity_mailbox", args=[10**30])).status_code == 404
