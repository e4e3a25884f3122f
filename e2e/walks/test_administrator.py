"""An administrator imports a certificate, and learns that MAGDA takes no eighth address."""

from playwright.sync_api import Page, expect

from e2e.browsing import Manner
from e2e.running import Site
from e2e.walks.steps import explanation_of, follow
from sandbox.server import open_authority

NAME = "kb.vlaanderen.be/aiv/nieuwe-toepassing-ftp"


def test_an_administrator_imports_a_certificate(
    administrator: Page, manner: Manner, site: Site
) -> None:
    issued = open_authority(site.data_dir / "sandbox").issue_client(NAME)
    whole = issued.certificate_pem + issued.chain_pem + issued.private_key_pem

    administrator.goto(site.url)
    follow(administrator, "certificates", inside="nav")
    administrator.locator("main").get_by_role("link", name=NAME).first.click()
    administrator.locator('main a[href$="/import/"]').first.click()
    administrator.locator('main input[type="file"]').first.set_input_files(
        {"name": "nieuw.pem", "mimeType": "application/x-pem-file", "buffer": whole}
    )
    administrator.locator("main form button:not([type=button])").first.click()

    expect(administrator.locator('main [role="status"] .au-c-alert--success')).to_be_visible()
    assert administrator.url.endswith(f"/certificates/{site.keys['new_identity']}/")


def test_an_administrator_is_told_why_there_is_no_eighth_address(
    administrator: Page, manner: Manner, site: Site
) -> None:
    administrator.goto(f"{site.url}/accounts/{site.keys['new']}/addresses/")
    for last in range(1, 9):
        administrator.locator("main form.form input[name=address]").fill(f"193.191.5.{last}")
        administrator.locator("main form.form input[name=address]").press("Enter")
        # In another manner of this walk the first seven were asked for already.
        administrator.wait_for_load_state()

    summary = administrator.locator('main [role="alert"]')
    what, following = explanation_of("address.limit", manner.language)
    expect(summary).to_contain_text(what)
    expect(summary).to_contain_text(following)
    expect(summary).to_be_focused()
    kept = administrator.locator("main form.form input[name=address]").input_value()
    assert kept == "193.191.5.8"
