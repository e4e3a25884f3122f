"""The server's side of TLS: one context for control and data connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import NameOID
from OpenSSL import SSL
from OpenSSL.crypto import X509

if TYPE_CHECKING:
    from sandbox.authority import Issued

# Sessions are resumed only within the context that made them (OpenSSL asks for a name as soon
# as client certificates are verified; without one every resumption ends in an internal error).
_SESSION_CONTEXT = b"practice-magda"


def server_context(
    identity: Issued, *, client_authorities_pem: bytes, session_lifetime: int
) -> SSL.Context:
    """Make a context for TLS 1.2 and newer that insists on a verified client certificate.

    `session_lifetime` is in seconds. `client_authorities_pem` holds root and intermediate
    certificates. Renegotiation is refused: TLS 1.3 has none, and MAGDA needs none.
    """
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION)
    context.use_certificate(x509.load_pem_x509_certificate(identity.certificate_pem))
    context.use_privatekey(_private_key(identity.private_key_pem))
    for certificate in x509.load_pem_x509_certificates(identity.chain_pem):
        context.add_extra_chain_cert(certificate)
    _require_client_certificate(context, client_authorities_pem)
    context.set_session_id(_SESSION_CONTEXT)
    context.set_session_cache_mode(SSL.SESS_CACHE_SERVER)
    context.set_timeout(session_lifetime)
    return context


def is_resumed(connection: SSL.Connection) -> bool:
    """Say whether the finished handshake resumed an earlier session."""
    # pyOpenSSL has no public name for SSL_session_reused.
    library = SSL._lib  # type: ignore[attr-defined]  # noqa: SLF001 - see above
    return bool(library.SSL_session_reused(connection._ssl))  # noqa: SLF001 - see above


def peer_common_name(connection: SSL.Connection) -> str | None:
    """Return the CN of the certificate that the client showed, None when it has none."""
    certificate = connection.get_peer_certificate(as_cryptography=True)
    if certificate is None:
        return None
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[-1].value) if names else None


def _private_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key(pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        msg = "the practice authority issues elliptic-curve keys only"
        raise TypeError(msg)
    return key


def _require_client_certificate(context: SSL.Context, authorities_pem: bytes) -> None:
    store = context.get_cert_store()
    if store is None:
        msg = "the TLS context has no certificate store"
        raise RuntimeError(msg)
    for authority in x509.load_pem_x509_certificates(authorities_pem):
        store.add_cert(X509.from_cryptography(authority))
        context.add_client_ca(authority)
    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT)
