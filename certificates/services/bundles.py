"""Open sealed private keys: nothing else does."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from cryptography import x509

from certificates.errors import CertificateCode, KeyPairError
from certificates.models import Certificate, KeyPair
from certificates.pki import (
    KeyBundle,
    PrivateKey,
    assemble_bundle,
    load_certificates,
    load_private_key,
    write_certificates,
)
from magda_portal.sealing.fields import unseal_from
from magda_portal.sealing.ring import SealingError


@contextmanager
def explaining_sealing() -> Iterator[None]:
    """Turn the SealingError of what opens a key inside into a KeyPairError with advice."""
    try:
        yield
    except SealingError as exc:
        raise KeyPairError(
            f"the private key can't be opened: {exc}", code=CertificateCode.KEY_PAIR_UNREADABLE
        ) from exc


def key_bundle(certificate: Certificate) -> KeyBundle:
    """Return a certificate with its chain and its opened private key.

    Raises SealingError when the key-encryption key it was sealed with is gone, or when the
    private key has been destroyed.
    """
    return KeyBundle(
        private_key_pem=unseal_from(certificate.key_pair, "sealed_private_key"),
        certificate_pem=write_certificates(load_certificates(bytes(certificate.der))),
        chain_pem=certificate.chain_pem.encode(),
    )


def join_kept_key(key_pair: KeyPair, certificates: Iterable[x509.Certificate]) -> KeyBundle:
    """Join a kept key with the certificate that was issued for it, found among these.

    Raises KeyMismatchError when there is none, and SealingError as :func:`key_bundle` does.
    """
    return assemble_bundle(opened_key(key_pair), certificates)


def opened_key(key_pair: KeyPair) -> PrivateKey:
    """Return the private key itself. Raises SealingError as :func:`key_bundle` does."""
    pem = unseal_from(key_pair, "sealed_private_key")
    return load_private_key(pem, passphrase=None)
