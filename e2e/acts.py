"""What somebody does on a page before it is looked at: states that no address leads to."""

from typing import Final

from playwright.sync_api import FilePayload, Page

_FIRST_FORM: Final = "main form[method=post]:has(.field)"
# The server has to refuse too; what the browser refuses never comes to its page.
_NO_BROWSER_CHECKS: Final = (
    "() => document.querySelectorAll('form').forEach((form) => { form.noValidate = true; })"
)
_WRONG_TRIES: Final = 6


def send_as_it_is(page: Page) -> None:
    """Send the page's first form, with what is in it."""
    page.evaluate(_NO_BROWSER_CHECKS)
    with page.expect_navigation():
        page.locator(f"{_FIRST_FORM} button:not([type=button])").first.click()


def send_nothing(page: Page) -> None:
    """Empty the page's first form, and send it."""
    form = page.locator(_FIRST_FORM).first
    for field in form.locator("input[type=text], input[type=email], input[type=number]").all():
        field.fill("")
    for field in form.locator("input[type=password], textarea:not([readonly])").all():
        field.fill("")
    send_as_it_is(page)


def send_wrong_file(page: Page) -> None:
    """Send a file that is none of those the form asks for."""
    wrong: FilePayload = {
        "name": "verkeerd.pem",
        "mimeType": "text/plain",
        "buffer": b"geen certificaat",
    }
    page.locator(f"{_FIRST_FORM} input[type=file]").first.set_input_files(wrong)
    send_as_it_is(page)


def fail_to_log_in(page: Page) -> None:
    """Give a wrong password so often that the address is locked."""
    for _ in range(_WRONG_TRIES):
        if page.locator("input[name=login]").count() == 0:
            return
        page.locator("input[name=login]").fill("wie-ook@voorbeeld.example")
        page.locator("input[name=password]").fill("niet het juiste wachtwoord")
        send_as_it_is(page)


def send_too_much(page: Page) -> None:
    """Send more text than the portal takes in a form."""
    page.locator("input[name=login]").evaluate("(field) => { field.value = 'x'.repeat(1200000); }")
    send_as_it_is(page)


def confirm_password(page: Page) -> None:
    """Give the password again where a page asks for it first; the world's people share one."""
    page.locator("main input[name=password]").fill("een lang wachtwoord")
    send_as_it_is(page)


def open_details(page: Page) -> None:
    """Open everything that is folded away."""
    page.evaluate("() => document.querySelectorAll('details').forEach((d) => { d.open = true; })")
