"""Watched servers for tests, and what they show."""

from cryptography import x509

from certificates.models import Environment, WatchedServer
from certificates.pki import PresentedChain
from certificates.services.trust import add_trust_anchors
from certificates.tests.builders import Issued, make_authority, make_server
from certificates.tests.rows import ACTOR
from magda_portal.people.models import Organisation

HOST = "vipftps-aip.vlaanderen.be"
NAME = x509.DNSName(HOST)
ADDRESS = "4.185.2.199"
ROOT = make_authority("Overheid Root")
ISSUING = make_authority("Overheid Issuing", issuer=ROOT)
SERVER = make_server(NAME, issuer=ISSUING)


def make_watched(*organisations: Organisation, **columns: object) -> WatchedServer:
    server = WatchedServer.objects.create(
        **{"environment": Environment.TNI, "host": HOST, "port": 21, **columns}
    )
    server.organisations.set(organisations)
    return server


def shown(
    *chain: Issued, tls_version: str = "TLSv1.3", addresses: tuple[str, ...] = (ADDRESS,)
) -> PresentedChain:
    """Return what a server shows: by default its certificate and the one that issued it."""
    certificates = tuple(one.certificate for one in chain or (SERVER, ISSUING))
    return PresentedChain(certificates, tls_version, addresses)


def trust(organisation: Organisation | None, anchor: Issued = ROOT) -> None:
    add_trust_anchors(
        anchor.pem, environment=Environment.TNI, organisation=organisation, actor=ACTOR
    )
