"""Judge what a server showed as each organisation's transfers would: anchors may differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from certificates.advice.watch import Finding
from certificates.models import TrustAnchor, WatchedServer
from certificates.pki import (
    ExpiredError,
    HostNameError,
    IncompletePathError,
    NotYetValidError,
    PathError,
    PKIError,
    RevokedError,
    UntrustedError,
    check_server_name,
    load_certificates,
    verify_server_path,
)
from certificates.services.revocation import refuse_revoked_server
from magda_portal.people.models import Organisation


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a server means to one organisation; None when its transfers accept it."""

    organisation: Organisation
    finding: Finding | None


def verdicts_on(
    server: WatchedServer, chain: Sequence[x509.Certificate], *, at: datetime
) -> list[Verdict]:
    """Judge a chain, the server's own certificate first, for each organisation that uses it."""
    anchors = _anchors_by_organisation(server.environment)
    shared = anchors.get(None, [])
    return [
        Verdict(
            organisation,
            _finding(
                chain,
                host=server.host,
                anchors=[*shared, *anchors.get(organisation.pk, [])],
                host_in_common_name=organisation.pk in server.accepting_common_name,
                at=at,
            ),
        )
        for organisation in server.organisations.order_by("name")
    ]


def _anchors_by_organisation(environment: str) -> dict[int | None, list[x509.Certificate]]:
    found: dict[int | None, list[x509.Certificate]] = {}
    for anchor in TrustAnchor.objects.filter(environment=environment):
        found.setdefault(anchor.organisation_id, []).extend(load_certificates(bytes(anchor.der)))
    return found


def _finding(
    chain: Sequence[x509.Certificate],
    *,
    host: str,
    anchors: Sequence[x509.Certificate],
    host_in_common_name: bool,
    at: datetime,
) -> Finding | None:
    if not anchors:
        return Finding.FIRST_CONTACT
    try:
        verify_server_path(
            chain[0],
            intermediates=chain[1:],
            anchors=anchors,
            host=host,
            at=at,
            host_in_common_name=host_in_common_name,
        )
        refuse_revoked_server(chain, anchors=anchors, at=at)
    except RevokedError:
        return Finding.REVOKED
    except (ExpiredError, NotYetValidError):
        return Finding.EXPIRED
    except HostNameError:
        return Finding.WRONG_HOST
    except (IncompletePathError, UntrustedError):
        is_pinned = any(_is_own_certificate_of(host, anchor) for anchor in anchors)
        return Finding.PINNED_CHANGED if is_pinned else Finding.UNKNOWN_ISSUER
    except PKIError:
        return Finding.INVALID
    return None


def _is_own_certificate_of(host: str, anchor: x509.Certificate) -> bool:
    """Say whether the anchor is the host's own certificate: authorities bear no host's name."""
    try:
        check_server_name(anchor, host, host_in_common_name=True)
    except PathError:
        return False
    return True
