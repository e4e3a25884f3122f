"""Verify certification paths up to the trust anchors (RFC 5280, 6).

cryptography's verifiers do the work. Their default rules are those of the public web; these
are wider in two points, as TLS libraries are: a client may be named by its common name alone, as
MAGDA's are, and an authority's certificate needs no more extensions than basicConstraints.
Revocation is not looked at here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address

from cryptography import x509
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from certificates.pki.certificates import allows_client_auth, is_self_signed, order_chain
from certificates.pki.errors import (
    ErrorCode,
    HostNameError,
    IncompletePathError,
    PathError,
    UntrustedError,
)
from certificates.pki.keys import check_key_strength
from certificates.pki.names import alternative_names
from certificates.pki.suitability import check_validity


@dataclass(frozen=True, slots=True)
class VerifiedPath:
    """A path that holds, from the leaf to the trust anchor, both included."""

    certificates: tuple[x509.Certificate, ...]

    @property
    def anchor(self) -> x509.Certificate:
        """The trust anchor on which the path rests."""
        return self.certificates[-1]


def verify_client_path(
    leaf: x509.Certificate,
    *,
    intermediates: Sequence[x509.Certificate],
    anchors: Sequence[x509.Certificate],
    at: datetime,
) -> VerifiedPath:
    """Verify a client certificate as an FTPS server would at this (aware) time.

    Raises WeakKeyError, PathError or one of its kinds.
    """
    check_key_strength(leaf.public_key())
    try:
        verifier = _policy(anchors, at=at, leaf_policy=_client_policy()).build_client_verifier()
        return VerifiedPath(tuple(verifier.verify(leaf, list(intermediates)).chain))
    except VerificationError as exc:
        raise _explained(exc, leaf, intermediates, anchors, at=at) from exc


def verify_server_path(
    leaf: x509.Certificate,
    *,
    intermediates: Sequence[x509.Certificate],
    anchors: Sequence[x509.Certificate],
    host: str,
    at: datetime,
) -> VerifiedPath:
    """Verify the certificate of the server at this host (A-label or address) at this (aware) time.

    The name is looked for in subjectAltName only (RFC 9525, 6.3); a server certificate that is
    itself an anchor is trusted as it stands. Raises WeakKeyError, PathError or one of its kinds.
    """
    check_key_strength(leaf.public_key())
    policy = _policy(anchors, at=at, leaf_policy=ExtensionPolicy.webpki_defaults_ee())
    try:
        verifier = policy.build_server_verifier(_subject(host))
        return VerifiedPath(tuple(verifier.verify(leaf, list(intermediates))))
    except VerificationError as exc:
        if "subjectAltName" in str(exc):
            raise _wrong_host(leaf, host) from exc
        raise _explained(exc, leaf, intermediates, anchors, at=at) from exc


def _policy(
    anchors: Sequence[x509.Certificate], *, at: datetime, leaf_policy: ExtensionPolicy
) -> PolicyBuilder:
    if not anchors:
        raise UntrustedError("there are no trust anchors", code=ErrorCode.PATH_UNTRUSTED)
    return (
        PolicyBuilder()
        .store(Store(list(anchors)))
        .time(at)
        .extension_policies(ca_policy=_authority_policy(), ee_policy=leaf_policy)
    )


def _authority_policy() -> ExtensionPolicy:
    return (
        ExtensionPolicy.permit_all()
        .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, _require_known_extensions)
        .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _require_signing)
    )


def _client_policy() -> ExtensionPolicy:
    return ExtensionPolicy.permit_all().may_be_present(
        x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _require_client_auth
    )


def _require_known_extensions(
    _policy: Policy, certificate: x509.Certificate, _constraints: x509.BasicConstraints
) -> None:
    """Take the chance to see the certificate; the verifier itself insists on cA."""
    _refuse_unknown_critical(certificate)


def _require_signing(
    _policy: Policy, _certificate: x509.Certificate, usage: x509.KeyUsage | None
) -> None:
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("the issuer's key may not sign certificates")


def _require_client_auth(
    _policy: Policy, certificate: x509.Certificate, _purposes: x509.ExtendedKeyUsage | None
) -> None:
    _refuse_unknown_critical(certificate)
    if not allows_client_auth(certificate):
        raise ValueError("the certificate does not allow client authentication")


def _refuse_unknown_critical(certificate: x509.Certificate) -> None:
    """Refuse what permit_all would let pass, against RFC 5280, 4.2."""
    for extension in certificate.extensions:
        if extension.critical and isinstance(extension.value, x509.UnrecognizedExtension):
            raise ValueError(f"unknown critical extension {extension.oid.dotted_string}")


def _subject(host: str) -> x509.DNSName | x509.IPAddress:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _wrong_host(leaf: x509.Certificate, host: str) -> HostNameError:
    found = ", ".join(alternative_names(leaf))
    return HostNameError(
        f"the server's certificate is for {found or 'no host at all'}, not for {host}",
        code=ErrorCode.PATH_HOST_NAME,
        expected=host,
        found=found,
    )


def _explained(
    cause: VerificationError,
    leaf: x509.Certificate,
    intermediates: Sequence[x509.Certificate],
    anchors: Sequence[x509.Certificate],
    *,
    at: datetime,
) -> PathError:
    """Find out why no path was found: the verifier itself only says that it tried them all."""
    path = [leaf, *order_chain(leaf, [*intermediates, *anchors])]
    try:
        for certificate in path:
            check_validity(certificate, at)
    except PathError as reason:
        return reason
    if not set(path).isdisjoint(anchors):
        return PathError(str(cause), code=ErrorCode.PATH_INVALID)
    top = path[-1]
    if is_self_signed(top):
        root = top.subject.rfc4514_string()
        return UntrustedError(
            f"{root} is not a trust anchor", code=ErrorCode.PATH_UNTRUSTED, root=root
        )
    missing = top.issuer.rfc4514_string()
    return IncompletePathError(
        f"the issuer {missing} is missing", code=ErrorCode.PATH_INCOMPLETE, missing=missing
    )
