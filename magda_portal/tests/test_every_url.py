"""Every address of the portal, and what each visitor gets there.

An address that is not in the table fails the test: whoever adds one has to say who may use it.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from certificates.models import Environment, TrustAnchor
from certificates.tests.builders import make_authority
from exchange.models import Subscription, WhitelistedAddress
from exchange.tests.builders import make_account, make_collected, make_transfer
from magda_portal.tests.url_table import LOGIN, TABLE, Things
from magda_portal.tests.world import Visitor, World

REDIRECTS: Final = (LOGIN, 302)
NO_PAGES: Final = (
    "health_live",
    "health_ready",
    "payload_download",
    "receipt_json",
    "transfers_csv",
    "events_csv",
    "calendar_feed",
    "account_trust_file",
    "address_letter",
    "certificate_download",
    "request_download",
    "session_stay",
    "upload_begin",
    "upload_continue",
)
OUTSIDE_NAVIGATION: Final = (
    "account_change_password",
    "account_reauthenticate",
    "notifications",
    "profile",
    "usersessions_list",
)
BEFORE_LOGIN: Final = {name for name, row in TABLE.items() if row.anonymous != LOGIN}


@pytest.fixture
def things(world: World) -> Things:
    mine = make_account(world.organisation)
    for person in (world.clerk, world.administrator, world.helpdesk, world.stranger):
        person.set_password("een lang wachtwoord")
        person.save(update_fields=["password"])
    return Things(
        world=world,
        account=mine,
        request=make_transfer(mine, person=world.clerk),
        answer=make_collected(mine),
        address=WhitelistedAddress.objects.create(account=mine, address="193.191.4.10", slot=1),
        subscription=Subscription.objects.create(account=mine, prefix="pub_"),
        membership=world.clerk.memberships.get(),
        anchor=_anchor(world),
    )


def _anchor(world: World) -> TrustAnchor:
    return TrustAnchor.objects.create(
        organisation=world.organisation,
        environment=Environment.TNI,
        der=make_authority().der,
        subject="CN=Practice",
        is_authority=True,
        not_before=timezone.now(),
        not_after=timezone.now(),
        fingerprint="0" * 64,
    )


def ask(things: Things, name: str, visitor: Visitor, *, method: str = "") -> HttpResponse:
    row = TABLE[name]
    url = reverse(name, kwargs=dict(row.arguments(things)))
    browser = things.world.browser(visitor)
    response: HttpResponse = getattr(browser, method or row.method)(url, row.data)
    if response.streaming:
        response.close()
    return response


def names(patterns: list[Any]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            assert pattern.name, f"{pattern} has no name"
            yield pattern.name


_ABOUT_ONE: Final = {"pk", "identity_id", "server_id", "sighting_id", "anchor_id"}


def reader_of(name: str) -> Visitor | None:
    """Return somebody whom the address shows a page, if it shows one at all."""
    row = TABLE[name]
    if row.method != "get" or name in NO_PAGES:
        return None
    return next((visitor for visitor in Visitor if row.expected(visitor) == 200), None)


def about_one() -> Iterator[tuple[str, Visitor]]:
    """Yield the pages about one account, identity, server or trust anchor, with a reader each."""
    arguments = get_resolver().reverse_dict
    for name in sorted(TABLE):
        taken = {key for form in arguments.getlist(name) for key in form[0][0][1]}
        if (reader := reader_of(name)) and taken & _ABOUT_ONE:
            yield name, reader


@pytest.mark.parametrize(("name", "reader"), list(about_one()))
def test_a_page_about_one_environment_says_which(
    things: Things, name: str, reader: Visitor
) -> None:
    """PRD and TNI can't be confused: it stands in the banner and in the title of the window."""
    page = ask(things, name, reader).content.decode()

    assert re.search(r'class="environment-banner environment-banner-\w', page)
    assert re.search(r"<title>[^<]* · (TNI|PRD|SANDBOX) · ", page)


def test_every_address_is_in_the_table() -> None:
    assert set(names(get_resolver().url_patterns)) == set(TABLE)


def test_little_is_open_to_strangers() -> None:
    """A longer list is a decision, not an accident."""
    assert sorted(BEFORE_LOGIN) == [
        "accessibility",
        "account_inactive",
        "account_login",
        "account_logout",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
        "account_signup",
        "calendar_feed",
        "health_certificates",
        "health_live",
        "health_ready",
        "help_contents",
        "help_topic",
        "set_language",
        "whats_new",
    ]


@pytest.mark.parametrize("visitor", list(Visitor))
@pytest.mark.parametrize("name", sorted(TABLE))
def test_each_visitor_gets_what_the_table_says(things: Things, name: str, visitor: Visitor) -> None:
    expected = TABLE[name].expected(visitor)

    response = ask(things, name, visitor)

    if expected == LOGIN:
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("account_login"))
    else:
        assert response.status_code == expected


@pytest.mark.parametrize("name", sorted(name for name, row in TABLE.items() if row.wrong))
def test_a_wrong_method_is_refused(things: Things, name: str) -> None:
    response = ask(things, name, Visitor.ADMINISTRATOR, method=TABLE[name].wrong)
    if response.status_code == 403:
        response = ask(things, name, Visitor.CLERK, method=TABLE[name].wrong)

    assert response.status_code == 405


@pytest.mark.parametrize("visitor", [Visitor.CLERK, Visitor.ADMINISTRATOR])
@pytest.mark.parametrize("name", sorted(name for name, row in TABLE.items() if row.missing))
def test_a_missing_object_is_not_found(world: World, name: str, visitor: Visitor) -> None:
    row = TABLE[name]
    url = reverse(name, kwargs=dict(row.missing or {}))

    response = getattr(world.browser(visitor), row.method)(url, row.data)

    # Whose role has no business at an address at all may learn that first.
    assert response.status_code in ({404, 403} if row.expected(visitor) == 403 else {404})


@pytest.mark.parametrize(
    ("name", "visitor"),
    [
        (name, visitor)
        for name, row in TABLE.items()
        for visitor in Visitor
        if row.expected(visitor) not in REDIRECTS and name not in NO_PAGES
    ],
)
def test_pages_obey_the_content_security_policy_and_basic_accessibility(
    things: Things, name: str, visitor: Visitor
) -> None:
    response = ask(things, name, visitor)

    page = response.text
    assert not re.search(r"<script(?! src=)|<style|\sstyle=|\son[a-z]+=|javascript:", page)
    assert len(re.findall(r"<h1[\s>]", page)) == 1
    assert '<html lang="en">' in page
    assert re.search(r"<title>\s*\S", page)
    assert 'href="#content"' in page
    assert '<main id="content"' in page
    assert page.count("<table") == page.count("<caption")
    assert unlabelled_fields(page) == []
    assert doubled_ids(page) == []


@pytest.mark.parametrize(
    ("name", "visitor"),
    [
        (name, visitor)
        for name, row in TABLE.items()
        for visitor in (Visitor.CLERK, Visitor.ADMINISTRATOR)
        if row.expected(visitor) == 200
        and name not in {*NO_PAGES, *OUTSIDE_NAVIGATION, *BEFORE_LOGIN}
    ],
)
def test_every_page_is_marked_in_the_navigation(
    things: Things, name: str, visitor: Visitor
) -> None:
    assert ask(things, name, visitor).text.count('aria-current="page"') == 1


def unlabelled_fields(page: str) -> list[str]:
    """Return the visible fields that no label points to."""
    fields = re.findall(r"<(?:input|select|textarea)[^>]*>", page)
    visible = [field for field in fields if 'type="hidden"' not in field]
    labels = set(re.findall(r'<label[^>]* for="([^"]+)"', page))
    return [field for field in visible if not labels & set(re.findall(r' id="([^"]+)"', field))]


def doubled_ids(page: str) -> list[str]:
    found = re.findall(r'\sid="([^"]+)"', page)
    return [name for name in set(found) if found.count(name) > 1]
