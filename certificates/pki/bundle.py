"""Join a private key and its certificates."""

from collections.abc import Iterable

from cryptography import x509

from certificates.pki.certificates import load_certificates, order_chain, write_certificates
from certificates.pki.errors import ErrorCode, KeyMismatchError
from certificates.pki.key_files import load_private_key
from certificates.pki.keys import KeyBundle, PrivateKey, same_key, write_private_key


def load_bundle(
    certificate: bytes, *, key: bytes | None = None, passphrase: bytes | None = None
) -> KeyBundle:
    """Read a certificate file and a key file; without the latter the former holds both (PEM).

    The certificate that belongs to the key becomes the leaf, its issuers the chain. Raises
    ParseError, PasswordError or KeyMismatchError.
    """
    certificates = load_certificates(certificate)
    private_key = load_private_key(certificate if key is None else key, passphrase=passphrase)
    return assemble_bundle(private_key, certificates)


def assemble_bundle(private_key: PrivateKey, certificates: Iterable[x509.Certificate]) -> KeyBundle:
    """Join a key with its certificate, found among these; the others become the chain.

    Of several certificates for the key the one that ends last is taken, since a key that was
    used for a renewal may come with the old certificate. Raises KeyMismatchError.
    """
    pool = list(certificates)
    own = [certificate for certificate in pool if same_key(certificate, private_key)]
    if not own:
        raise KeyMismatchError(
            "the private key belongs to none of the certificates", code=ErrorCode.KEY_MISMATCH
        )
    leaf = max(own, key=lambda certificate: certificate.not_valid_after_utc)
    return KeyBundle(
        private_key_pem=write_private_key(private_key),
        certificate_pem=write_certificates([leaf]),
        chain_pem=write_certificates(order_chain(leaf, pool)),
    )
