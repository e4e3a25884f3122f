"""The sheet for the network team."""

from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from certificates.services.watch import record_sighting
from certificates.tests.servers import make_watched, shown
from exchange.models import Account, WhitelistedAddress
from exchange.tests.builders import make_account
from magda_portal.tests.world import Visitor, World

# As it is printed, with a dash.
PASSIVE = "40000\N{EN DASH}42000"


def show(world: World, account: Account) -> str:
    url = reverse("account_network", args=[account.pk])
    return unescape(world.browser(Visitor.ADMINISTRATOR).get(url).text)


def test_the_sheet_names_ports_addresses_and_the_direction(world: World, account: Account) -> None:
    page = show(world, account)

    for expected in ("4.185.2.199", "131.189.106.246", PASSIVE, "outbound", "passive mode"):
        assert expected in page
    assert "MAGDA's own page calls the data ports “inbound”" in page


@pytest.mark.parametrize(
    ("host", "own"),
    [("vipftps-aip.vlaanderen.be", "4.185.2.199"), ("vipftps.vlaanderen.be", "131.189.106.246")],
)
def test_the_rules_are_about_the_server_of_this_account(
    world: World, account: Account, host: str, own: str
) -> None:
    Account.objects.update(host=host)

    page = show(world, account)

    rules = page[page.index("Firewall rules") : page.index("</table>")]
    other = {"4.185.2.199", "131.189.106.246"} - {own}
    assert own in rules
    assert other.pop() not in rules


def test_an_account_elsewhere_has_its_own_server_first(world: World) -> None:
    account = make_account(world.organisation, host="127.0.0.1", port=2121)

    page = show(world, account)

    servers = page[page.index("Addresses since MAGDA moved") :]
    assert servers.index("127.0.0.1") < servers.index("vipftps-aip.vlaanderen.be")


def test_the_proxy_gets_its_own_rule_and_its_own_check(world: World, account: Account) -> None:
    before = show(world, account)
    Account.objects.update(proxy_host="proxy.voorbeeld.be", proxy_port=8080, proxy_username="jan")

    page = show(world, account)

    assert "openssl s_client" in before
    assert f"CONNECT vipftps-aip.vlaanderen.be:{PASSIVE}" in page
    assert "--proxy http://proxy.voorbeeld.be:8080" in page
    assert "openssl s_client" not in page


def test_our_own_addresses_stand_on_it_but_not_the_withdrawn(
    world: World, account: Account
) -> None:
    WhitelistedAddress.objects.create(account=account, address="193.191.4.10", slot=1)
    WhitelistedAddress.objects.create(account=account, address="193.191.4.11", state="WITHDRAWN")

    page = show(world, account)

    assert "193.191.4.10" in page
    assert "193.191.4.11" not in page


def test_it_says_where_the_name_led_when_the_portal_last_looked(
    world: World, account: Account
) -> None:
    assert "has not looked this name up yet" in show(world, account)
    server = make_watched(
        world.organisation, host=account.host, port=account.port, environment=account.environment
    )
    seen = record_sighting(server, shown(), now=timezone.now())
    seen.addresses = ["192.0.2.77"]
    seen.save(update_fields=["addresses"])

    assert "192.0.2.77" in show(world, account)
