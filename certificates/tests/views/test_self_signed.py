from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from certificates.models import Certificate, KeyPair
from certificates.tests.builders import COMMON_NAME
from certificates.tests.rows import give_certificate
from certificates.tests.views.conftest import Town

Browser = Callable[[str], Client]
FIELDS = {"kind": "EC P-256", "days": "30", "country": "BE"}


def url(town: Town) -> str:
    return reverse("self_signed_make", args=[town.identity.pk])


def test_the_page_says_whom_it_is_for(browser_of: Browser, town: Town) -> None:
    page = browser_of("administrator").get(url(town))

    assert "MAGDA doesn't" in page.text or "MAGDA doesn&#x27;t" in page.text
    assert COMMON_NAME in page.text


def test_it_is_made_and_in_use(browser_of: Browser, town: Town) -> None:
    page = browser_of("administrator").post(url(town), FIELDS, follow=True)

    assert "The certificate is made." in page.text
    assert "The certificate is in use." in page.text
    assert Certificate.objects.get().subject == f"CN={COMMON_NAME},C=BE"


def test_beside_one_in_use_it_is_the_next(browser_of: Browser, town: Town) -> None:
    give_certificate(town.identity)

    page = browser_of("administrator").post(url(town), FIELDS, follow=True)

    assert "kept as the next one" in page.text


@pytest.mark.parametrize("wrong", [{"days": "0"}, {"kind": "RSA 512"}, {"email": "no address"}])
def test_what_can_not_be_made_leaves_no_key(
    browser_of: Browser, town: Town, wrong: dict[str, str]
) -> None:
    page = browser_of("administrator").post(url(town), {**FIELDS, **wrong})

    assert page.context["form"].errors
    assert not KeyPair.objects.exists()


@pytest.mark.parametrize(("role", "status"), [("clerk", 403), ("helpdesk", 403), ("stranger", 404)])
def test_only_an_administrator_of_the_organisation_makes_one(
    browser_of: Browser, town: Town, role: str, status: int
) -> None:
    assert browser_of(role).post(url(town), FIELDS).status_code == status
    assert not KeyPair.objects.exists()
