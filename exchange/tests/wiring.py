"""Accounts with everything that they need to reach a test server."""

from django.utils import timezone

from certificates.models import Environment
from certificates.pki import KeyBundle
from certificates.services.imports import import_certificate
from certificates.services.trust import add_trust_anchors
from exchange.models import Account
from exchange.services.accounts import change_account, open_account
from magda_portal.audit.services import Actor
from sandbox.authority import Authority

ACTOR = Actor(name="a test")


def wire_account(name: str, *, port: int, authority: Authority) -> Account:
    """Open an account at a server of this machine, with a certificate that it accepts."""
    account, _ = open_account(
        name, organisation="Gemeente Voorbeeld", environment=Environment.SANDBOX, actor=ACTOR
    )
    change_account(account, changes={"port": port}, actor=ACTOR)
    issued = authority.issue_client(name)
    bundle = KeyBundle(
        private_key_pem=issued.private_key_pem,
        certificate_pem=issued.certificate_pem,
        chain_pem=issued.chain_pem,
    )
    import_certificate(account.identity, bundle, actor=ACTOR, at=timezone.now())
    add_trust_anchors(
        authority.root_pem,
        environment=Environment.SANDBOX,
        organisation=account.organisation,
        actor=ACTOR,
    )
    return account
