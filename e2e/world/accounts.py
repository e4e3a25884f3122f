"""Accounts in every environment and every trouble, and the certificates that they log in with.

None but the practice account reaches a server: the others knock at a port of this machine where
nobody listens, whatever their environment is called.
"""

from datetime import timedelta
from io import BytesIO
from typing import Final

from django.conf import settings
from django.utils import timezone

from certificates.models import Environment
from certificates.pki import KeyBundle
from certificates.services.imports import import_certificate
from certificates.services.trust import add_trust_anchors
from e2e.world.cast import ACTOR, ELSEWHERE, HOME
from exchange.models import Account
from exchange.services.account_services import add_service
from exchange.services.accounts import change_account, open_account, suspend
from exchange.services.addresses import activate_address, request_address
from exchange.services.schemas import add_schema
from exchange.services.subscriptions import add_subscription
from sandbox.authority import Authority
from sandbox.server import DEMO_ACCOUNT, open_authority

_CLOSED_PORT: Final = 1
_OURS: Final = "kb.vlaanderen.be/aiv"

Keys = dict[str, str]
_SCHEMA: Final = b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:element name="GeefGezin" type="xs:string"/>
</xs:schema>"""


def practice_account() -> Account:
    """Return the account of the practice data, which works."""
    return Account.objects.get(identity__common_name=DEMO_ACCOUNT)


def add_accounts() -> Keys:
    """Open the accounts; return their keys and those of what belongs to them."""
    authority = open_authority(settings.DATA_DIR / "sandbox")
    test = _open(f"{_OURS}/voorbeeld-aip-ftp", Environment.TNI, days=5, by=authority)
    production = _open(f"{_OURS}/voorbeeld-ftp", Environment.PRD, days=300, by=authority)
    new = _open(f"{_OURS}/nieuwe-toepassing-ftp", Environment.TNI, days=0, by=authority)
    stopped = _open(f"{_OURS}/oud-ftp", Environment.TNI, days=200, by=authority)
    _open("stad-elders.vlaanderen.be/ftp", Environment.TNI, days=40, by=authority, owner=ELSEWHERE)
    suspend(stopped, actor=ACTOR)
    practice = practice_account()
    add_trust_anchors(
        authority.root_pem,
        environment=Environment.TNI,
        organisation=test.organisation,
        actor=ACTOR,
    )
    _import(test, authority, days=700)  # the next one, which waits for its turn
    return {
        "practice": str(practice.pk),
        "test": str(test.pk),
        "production": str(production.pk),
        "new": str(new.pk),
        "stopped": str(stopped.pk),
        "practice_identity": str(practice.identity.pk),
        "test_identity": str(test.identity.pk),
        "new_identity": str(new.identity.pk),
        "organisation": str(practice.organisation.pk),
        "service": str(practice.services.get().pk),
        "service_with_schema": _add_service_with_schema(test),
        **_add_addresses(practice, production),
        **_add_subscription(practice),
    }


def _open(
    name: str, environment: Environment, *, days: int, by: Authority, owner: str = HOME
) -> Account:
    """Open an account whose certificate is valid so many days; none when it is 0."""
    account, _ = open_account(name, organisation=owner, environment=environment, actor=ACTOR)
    changes = {"host": "127.0.0.1", "port": _CLOSED_PORT, "tan": "100234"}
    change_account(account, changes=changes, actor=ACTOR)
    if days:
        _import(account, by, days=days)
    return account


def _import(account: Account, authority: Authority, *, days: int) -> None:
    now = timezone.now()
    issued = authority.issue_client(
        account.name, not_before=now - timedelta(days=60), not_after=now + timedelta(days=days)
    )
    bundle = KeyBundle(
        private_key_pem=issued.private_key_pem,
        certificate_pem=issued.certificate_pem,
        chain_pem=issued.chain_pem,
    )
    import_certificate(account.identity, bundle, actor=ACTOR, at=now)


def _add_addresses(practice: Account, production: Account) -> Keys:
    """Give one account two addresses, and another all seven that MAGDA allows."""
    used = request_address(practice, address="193.191.4.10", purpose="Hoofdgebouw", actor=ACTOR)
    activate_address(used, actor=ACTOR)
    asked = request_address(practice, address="193.191.4.11", purpose="Datacentrum", actor=ACTOR)
    for last in range(20, 27):
        full = request_address(production, address=f"193.191.4.{last}", actor=ACTOR)
        activate_address(full, actor=ACTOR)
    return {"address_used": str(used.pk), "address_asked": str(asked.pk)}


def _add_service_with_schema(account: Account) -> str:
    service = add_service(account, name="GeefGezin", pattern="geefgezin_*.xml", actor=ACTOR)
    add_schema(service, [("GeefGezin.xsd", BytesIO(_SCHEMA))], actor=ACTOR)
    return str(service.pk)


def _add_subscription(account: Account) -> Keys:
    row = add_subscription(
        account, prefix="pub_personen", expected_period="elke werkdag", actor=ACTOR
    )
    return {"subscription": str(row.pk)}
