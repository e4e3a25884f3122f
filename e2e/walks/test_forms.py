"""Forms that are pressed twice, come too late, or are wrong: nothing typed is lost."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from e2e.acts import confirm_password
from e2e.browsing import Manner, People, log_in, words
from e2e.running import Site, Who

pytestmark = pytest.mark.one_manner

REASON = "Gebeld met MAGDA: het bestand is er"


@pytest.fixture
def uncertain(site: Site) -> str:
    """Return the address of a form for a reason."""
    return f"{site.url}/transfers/{site.keys['uncertain']}/settle/"


@pytest.fixture
def lone_clerk(people: People, manner: Manner, site: Site) -> Iterator[Page]:
    """Give a clerk with a session that nobody shares, to be ended."""
    with people.page(replace(manner, who=Who.NOBODY)) as page:
        log_in(page, site, replace(manner, who=Who.CLERK))
        yield page


@pytest.fixture
def lone_administrator(people: People, manner: Manner, site: Site) -> Iterator[Page]:
    """Give an administrator with a session that nobody shares."""
    with people.page(replace(manner, who=Who.NOBODY)) as page:
        log_in(page, site, replace(manner, who=Who.ADMINISTRATOR))
        yield page


def drafts(page: Page) -> list[object]:
    stored = page.evaluate("sessionStorage.getItem('drafts')")
    kept: list[object] = json.loads(stored) if stored else []
    return kept


def log_in_here(page: Page, site: Site, who: Who = Who.CLERK) -> None:
    """Log in on the page that asks for it, and go where it leads."""
    email, password = site.credentials(who)
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(password)
    page.locator("main button[type=submit]").click()
    page.wait_for_url(lambda url: "/login/" not in url)


def test_a_button_that_is_pressed_twice_sends_once(clerk: Page, manner: Manner, site: Site) -> None:
    sent: list[str] = []

    def answer(route: Route) -> None:
        if route.request.method == "POST":
            sent.append(route.request.url)
            # An answer without a page leaves people where they are.
            route.fulfill(status=204)
        else:
            route.continue_()

    clerk.goto(f"{site.url}/profile/")
    clerk.route("**/profile/", answer)
    button = clerk.locator("main form button[type=submit]")
    button.dblclick(force=True)
    button.dispatch_event("click")
    clerk.wait_for_timeout(500)

    assert len(sent) == 1


def test_a_button_says_that_it_is_busy_and_is_there_again_after_going_back(
    clerk: Page, manner: Manner, site: Site
) -> None:
    clerk.goto(f"{site.url}/profile/")
    button = clerk.locator("main form button[type=submit]")
    # An answer without a page leaves people where they are.
    clerk.route(
        "**/profile/",
        lambda route: (
            route.fulfill(status=204) if route.request.method == "POST" else route.continue_()
        ),
    )
    button.click()

    expect(button).to_be_disabled()
    expect(clerk.locator("#form-busy")).to_have_text(words("Busy…", manner.language))

    clerk.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(button).to_be_enabled()
    expect(clerk.locator("#form-busy")).to_be_empty()


def test_what_was_typed_comes_back_after_the_session_ended(
    lone_clerk: Page, manner: Manner, site: Site, uncertain: str
) -> None:
    page = lone_clerk
    page.goto(uncertain)
    page.locator("main [name=reason]").fill(REASON)
    page.context.clear_cookies(name="session")
    page.locator("main form.form button[type=submit]").first.click()

    expect(page.locator('[data-when="kept"]')).to_be_visible()
    not_received = words(
        "You were logged out before your form came in: it was not received, and nothing was "
        "changed. Log in to go back to it. Files have to be chosen again.",
        manner.language,
    )
    expect(page.locator("main")).to_contain_text(not_received)
    log_in_here(page, site)

    assert page.url == uncertain
    expect(page.locator("main [name=reason]")).to_have_value(REASON)
    expect(page.locator('[data-when="back"]')).to_be_visible()


def test_names_addresses_and_choices_come_back_too(
    lone_administrator: Page, manner: Manner, site: Site
) -> None:
    page = lone_administrator
    page.goto(f"{site.url}/members/")
    role = page.locator("main select[name=role]")
    chosen = role.locator("option").last.get_attribute("value")
    assert chosen is not None
    assert role.input_value() != chosen
    page.locator("main [name=email]").fill("nieuw@ergens.example")
    page.locator("main [name=name]").fill("Jan Nieuw")
    role.select_option(chosen)
    page.context.clear_cookies(name="session")
    page.locator("main form:has([name=email]) button[type=submit]").first.click()
    log_in_here(page, site, Who.ADMINISTRATOR)

    assert page.url == f"{site.url}/members/"
    expect(page.locator("main [name=email]")).to_have_value("nieuw@ergens.example")
    expect(page.locator("main [name=name]")).to_have_value("Jan Nieuw")
    expect(role).to_have_value(chosen)


def test_what_was_ticked_comes_back_as_it_was(
    lone_administrator: Page, manner: Manner, site: Site
) -> None:
    page = lone_administrator
    page.goto(f"{site.url}/members/")
    page.locator('main a[href^="/members/"]:not([href*="locked"])').first.click()
    address = page.url
    boxes = page.locator("main input[name=roles]")
    before = [box.is_checked() for box in boxes.all()]
    boxes.first.click()
    boxes.last.click()
    page.context.clear_cookies(name="session")
    page.locator("main form:has([name=roles]) button[type=submit]").first.click()
    log_in_here(page, site, Who.ADMINISTRATOR)

    assert page.url == address
    turned = [boxes.first.is_checked(), boxes.last.is_checked()]
    assert turned == [not before[0], not before[-1]]


def test_what_was_chosen_among_a_few_comes_back(
    lone_clerk: Page, manner: Manner, site: Site
) -> None:
    page = lone_clerk
    page.goto(f"{site.url}/send/")
    other = page.locator("#id_account input[type=radio]:not(:checked):not(:disabled)").first
    chosen = other.get_attribute("value")
    other.check()
    page.context.clear_cookies(name="session")
    page.reload()
    log_in_here(page, site)

    expect(page.locator(f'#id_account input[value="{chosen}"]')).to_be_checked()


def test_what_was_typed_comes_back_after_a_form_that_was_too_old(
    lone_clerk: Page, manner: Manner, site: Site, uncertain: str
) -> None:
    page = lone_clerk
    page.goto(uncertain)
    page.locator("main [name=reason]").fill(REASON)
    page.context.clear_cookies(name="csrf")
    with page.expect_response(lambda answer: answer.status == 403):
        page.locator("main form.form button[type=submit]").first.click()

    expect(page.locator('[data-when="kept"]')).to_be_visible()
    page.get_by_role("link", name=words("Back to the form", manner.language)).click()

    assert page.url == uncertain
    expect(page.locator("main [name=reason]")).to_have_value(REASON)


def test_nobody_else_gets_what_somebody_typed(
    lone_clerk: Page, manner: Manner, site: Site, uncertain: str
) -> None:
    page = lone_clerk
    page.goto(uncertain)
    page.locator("main [name=reason]").fill(REASON)
    page.context.clear_cookies(name="session")
    page.goto(f"{site.url}/login/")
    email, password = site.credentials(Who.EVERYTHING)
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(password)
    page.locator("main button[type=submit]").click()
    page.wait_for_url(f"{site.url}/")

    assert drafts(page) == []
    page.goto(uncertain)
    expect(page.locator("main [name=reason]")).to_have_value("")


def test_what_was_typed_is_forgotten_at_log_out_and_once_it_was_sent(
    lone_clerk: Page, manner: Manner, site: Site, uncertain: str
) -> None:
    page = lone_clerk
    page.goto(f"{site.url}/profile/")
    name = page.locator("main input[type=text]").first
    before = name.input_value()
    name.fill(before + "x")
    assert len(drafts(page)) == 1
    name.fill(before)
    with page.expect_navigation():
        page.locator("main form button[type=submit]").click()
    assert drafts(page) == []

    page.goto(uncertain)
    page.locator("main [name=reason]").fill(REASON)
    assert len(drafts(page)) == 1
    page.locator("header form[data-forgets] button").click()
    page.wait_for_url("**/login/**")
    assert drafts(page) == []


def test_no_password_is_kept(lone_clerk: Page, manner: Manner, site: Site) -> None:
    lone_clerk.goto(f"{site.url}/password/change/")
    for field in lone_clerk.locator("main input[type=password]").all():
        field.fill("een geheim dat niemand leest")

    assert "geheim" not in lone_clerk.evaluate("JSON.stringify(sessionStorage)")


def test_no_passphrase_is_kept_nor_that_somebody_noted_it(
    people: People, manner: Manner, site: Site
) -> None:
    """The portal makes another one for the page that comes back."""
    identity, certificate = site.keys["test_identity"], site.keys["certificate"]
    with people.page(replace(manner, who=Who.NOBODY)) as page:
        log_in(page, site, replace(manner, who=Who.EVERYTHING))
        page.goto(f"{site.url}/certificates/{identity}/certificates/{certificate}/export/")
        if page.locator("main input[name=passphrase]").count() == 0:
            confirm_password(page)
        page.locator("main input[name=passphrase]").fill("een geheim dat niemand leest")
        page.locator("main input[name=is_noted]").check()

        assert drafts(page) == []


def test_the_summary_of_errors_has_the_focus_and_leads_to_the_field(
    administrator: Page, manner: Manner, site: Site
) -> None:
    page = administrator
    page.goto(f"{site.url}/accounts/{site.keys['practice']}/services/add/")
    page.locator("main form.form").evaluate("(form) => { form.noValidate = true; }")
    page.locator("main form.form button[type=submit]").first.click()

    summary = page.locator("main .error-summary")
    expect(summary).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    wrong = page.locator("main [aria-invalid=true]").first
    expect(wrong).to_be_focused()


def test_an_error_of_a_choice_leads_to_the_first_thing_to_choose(
    clerk: Page, manner: Manner, site: Site
) -> None:
    clerk.goto(f"{site.url}/send/")
    clerk.locator("#send-form").evaluate("(form) => HTMLFormElement.prototype.submit.call(form)")
    summary = clerk.locator("main .error-summary")
    expect(summary).to_be_focused()

    summary.locator('a[href="#id_account"]').press("Enter")

    expect(clerk.locator("#id_account input").first).to_be_focused()


def test_somebody_is_warned_before_the_session_ends_and_can_stay(
    clerk: Page, manner: Manner, site: Site
) -> None:
    left = {"seconds": 90, "may_stay": True}
    clerk.clock.install()
    clerk.goto(f"{site.url}/help/send/")
    clerk.route("**/session/", lambda route: route.fulfill(json=left))
    dialog = clerk.locator("#session-end")
    expect(dialog).to_be_hidden()

    clerk.clock.fast_forward(10 * 3600 * 1000 - 90_000)
    expect(dialog).to_be_visible()
    stay = dialog.get_by_role("button", name=words("Stay logged in", manner.language))
    expect(stay).to_be_focused()
    left["seconds"] = 3690
    stay.click()
    expect(dialog).to_be_hidden()

    left.update(seconds=0, may_stay=False)
    clerk.clock.fast_forward(3_700_000)
    expect(dialog.get_by_role("link", name=words("Log in again", manner.language))).to_be_visible()
    expect(stay).to_be_hidden()


@pytest.mark.parametrize("trouble", ["busy", "cut"])
def test_a_portal_that_does_not_answer_ends_no_session(
    lone_clerk: Page, manner: Manner, site: Site, trouble: str
) -> None:
    def fail(route: Route) -> None:
        if trouble == "busy":
            route.fulfill(status=503, body="<h1>Busy</h1>")
        else:
            route.abort()

    clerk = lone_clerk
    clerk.clock.install()
    clerk.goto(f"{site.url}/help/send/")
    clerk.route("**/session/", fail)
    dialog = clerk.locator("#session-end")

    clerk.clock.fast_forward(10 * 3600 * 1000 - 90_000)
    stay = dialog.get_by_role("button", name=words("Stay logged in", manner.language))
    expect(stay).to_be_visible()
    expect(dialog.locator('[data-when="over"]').first).to_be_hidden()
    expect(dialog.locator('[data-when="away"]')).to_be_visible()
    stay.click()
    expect(stay).to_be_visible()

    posted: list[str] = []

    def answer(route: Route) -> None:
        posted.append(route.request.method)
        route.fulfill(json={"seconds": 3690, "may_stay": False})

    clerk.unroute("**/session/")
    clerk.route("**/session/", answer)
    clerk.clock.fast_forward(11_000)
    expect(dialog).to_be_hidden()
    assert posted[0] == "POST"


def test_a_session_that_was_thought_over_goes_on_when_the_portal_says_so(
    lone_clerk: Page, manner: Manner, site: Site
) -> None:
    clerk = lone_clerk
    clerk.clock.install()
    clerk.goto(f"{site.url}/help/send/")
    clerk.route("**/session/", lambda route: route.fulfill(status=503))
    dialog = clerk.locator("#session-end")
    clerk.clock.fast_forward(10 * 3600 * 1000 + 1000)
    expect(dialog.locator('[data-when="over"]').first).to_be_visible()

    clerk.unroute("**/session/")
    clerk.route(
        "**/session/", lambda route: route.fulfill(json={"seconds": 7200, "may_stay": False})
    )
    clerk.clock.fast_forward(11_000)

    expect(dialog).to_be_hidden()


def test_who_logged_in_again_in_another_tab_can_stay_on_this_page(
    lone_clerk: Page, manner: Manner, site: Site
) -> None:
    page = lone_clerk
    page.clock.install()
    page.goto(f"{site.url}/help/send/")
    answers: list[tuple[str, int]] = []
    told = {"seconds": 90, "may_stay": True}
    page.route("**/session/", lambda route: route.fulfill(json=told))
    page.clock.fast_forward(10 * 3600 * 1000 - 90_000)
    dialog = page.locator("#session-end")
    expect(dialog).to_be_visible()
    page.unroute("**/session/")
    page.on(
        "response",
        lambda answer: (
            answers.append((answer.request.method, answer.status))
            if answer.url.endswith("/session/")
            else None
        ),
    )

    page.context.clear_cookies(name="csrf")
    dialog.locator("form button").click()

    expect(dialog).to_be_hidden()
    assert answers == [("POST", 403), ("GET", 200), ("POST", 200)]


def test_without_scripts_the_login_page_says_what_was_lost_and_leads_back(
    people: People, site: Site, uncertain: str
) -> None:
    with people.page(Manner(scripts=False)) as page:
        log_in(page, site, Manner(Who.CLERK))
        page.goto(uncertain)
        page.locator("main [name=reason]").fill(REASON)
        page.context.clear_cookies(name="session")
        page.locator("main form.form button[type=submit]").first.click()

        expect(page.locator("main .au-c-alert--warning")).to_be_visible()
        log_in_here(page, site)
        assert page.url == uncertain


def test_without_scripts_a_page_says_from_when_somebody_can_stay_longer(
    people: People, site: Site
) -> None:
    with people.page(Manner(scripts=False)) as page:
        log_in(page, site, Manner(Who.CLERK))
        page.goto(f"{site.url}/sessions/")
        ends, since = (
            datetime.fromisoformat(each.get_attribute("datetime") or "")
            for each in page.locator("main p time").all()
        )

        assert ends - since == timedelta(hours=1)
        assert page.locator('main form[action$="/session/"]').count() == 0
