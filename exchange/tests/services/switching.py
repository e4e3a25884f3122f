"""Give an account another certificate, which its server accepts or not."""

from datetime import datetime

from django.utils import timezone

from certificates.models import Certificate, ClientIdentity
from certificates.pki import KeyBundle
from certificates.services import relay
from certificates.services.imports import import_certificate
from exchange.models import Account
from exchange.tests.wiring import ACTOR
from sandbox.authority import Authority


def identity_of(account: Account) -> ClientIdentity:
    """Return the identity as it stands now."""
    return ClientIdentity.objects.get(account=account)


def prepare(account: Account, authority: Authority, *, at: datetime | None = None) -> Certificate:
    """Import a next certificate for ``account`` that the authority issued."""
    issued = authority.issue_client(account.name)
    bundle = KeyBundle(
        private_key_pem=issued.private_key_pem,
        certificate_pem=issued.certificate_pem,
        chain_pem=issued.chain_pem,
    )
    now = at or timezone.now()
    return import_certificate(identity_of(account), bundle, actor=ACTOR, at=now)


def switch(account: Account, authority: Authority, *, at: datetime | None = None) -> Certificate:
    """Put a new certificate in use that the authority issued."""
    certificate = prepare(account, authority, at=at)
    relay.activate_next(identity_of(account), actor=ACTOR, now=at or timezone.now())
    return certificate
