"""Verify certification paths up to the trust anchors (RFC 5280, 6).

cryptography's verifiers do the work. Their default rules are those of the public web; these
are wider, as those of TLS libraries are: a certificate may be named by its common name alone, as
MAGDA's are, an authority's needs no more extensions than basicConstraints, and a server's own
certificate that is a trust anchor may call itself an authority. Revocation is not looked at here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from certificates.pki.certificates import allows_client_auth
from certificates.pki.chains import PathEnd, build_path
from certificates.pki.errors import ErrorCode, IncompletePathError, PathError, UntrustedError
from certificates.pki.hosts import check_server_name
from certificates.pki.keys import check_key_strength
from certificates.pki.names import distinguished_name
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
    return _verify(leaf, intermediates, anchors, at=at, check_purpose=_require_client_auth)


def verify_server_path(
    leaf: x509.Certificate,
    *,
    intermediates: Sequence[x509.Certificate],
    anchors: Sequence[x509.Certificate],
    host: str,
    at: datetime,
    host_in_common_name: bool = False,
) -> VerifiedPath:
    """Verify the certificate of the server at this host (A-label or address) at this (aware) time.

    The name is looked for in subjectAltName (RFC 9525, 6.3), and where there is none, and
    ``host_in_common_name`` says so, in the common name; the port plays no part. A server
    certificate that is itself an anchor is trusted as it stands, within its period. Raises
    WeakKeyError, PathError or one of its kinds.
    """
    check_key_strength(leaf.public_key())
    check_server_name(leaf, host, host_in_common_name=host_in_common_name)
    if leaf in anchors:
        check_validity(leaf, at)
        return VerifiedPath((leaf,))
    return _verify(leaf, intermediates, anchors, at=at, check_purpose=_require_server_auth)


_PurposeCheck = Callable[[Policy, x509.Certificate, x509.ExtendedKeyUsage | None], None]


def _verify(
    leaf: x509.Certificate,
    intermediates: Sequence[x509.Certificate],
    anchors: Sequence[x509.Certificate],
    *,
    at: datetime,
    check_purpose: _PurposeCheck,
) -> VerifiedPath:
    policy = _policy(anchors, at=at, leaf_policy=_leaf_policy(check_purpose))
    try:
        # The verifier for servers would insist on a subjectAltName; this one asks for no name, and
        # what the certificate may be used for is ours to check with either.
        verified = policy.build_client_verifier().verify(leaf, list(intermediates))
    except VerificationError as exc:
        raise _explained(exc, leaf, intermediates, anchors, at=at) from exc
    return VerifiedPath(tuple(verified.chain))


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


def _leaf_policy(check_purpose: _PurposeCheck) -> ExtensionPolicy:
    return ExtensionPolicy.permit_all().may_be_present(
        x509.ExtendedKeyUsage, Criticality.AGNOSTIC, check_purpose
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


def _require_server_auth(
    _policy: Policy, certificate: x509.Certificate, purposes: x509.ExtendedKeyUsage | None
) -> None:
    _refuse_unknown_critical(certificate)
    if purposes is not None and ExtendedKeyUsageOID.SERVER_AUTH not in purposes:
        raise ValueError("the certificate does not allow server authentication")


def _refuse_unknown_critical(certificate: x509.Certificate) -> None:
    """Refuse what permit_all would let pass, against RFC 5280, 4.2."""
    for extension in certificate.extensions:
        if extension.critical and isinstance(extension.value, x509.UnrecognizedExtension):
            raise ValueError(f"unknown critical extension {extension.oid.dotted_string}")


def _explained(
    cause: VerificationError,
    leaf: x509.Certificate,
    intermediates: Sequence[x509.Certificate],
    anchors: Sequence[x509.Certificate],
    *,
    at: datetime,
) -> PathError:
    """Find out why no path was found: the verifier itself only says that it tried them all."""
    path = build_path(leaf, pool=intermediates, anchors=anchors, at=at)
    try:
        for certificate in path.certificates:
            check_validity(certificate, at)
    except PathError as reason:
        return reason
    if path.end is PathEnd.ANCHOR:
        return PathError(str(cause), code=ErrorCode.PATH_INVALID)
    if path.end is PathEnd.MISSING_ISSUER:
        return IncompletePathError(
            f"the issuer {path.missing} is missing",
            code=ErrorCode.PATH_INCOMPLETE,
            missing=path.missing,
        )
    root = distinguished_name(path.top.subject)
    return UntrustedError(f"{root} is not a trust anchor", code=ErrorCode.PATH_UNTRUSTED, root=root)
