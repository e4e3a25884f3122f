"""Open sealed private keys: nothing else does."""

from certificates.models import Certificate
from certificates.pki import KeyBundle, load_certificates, write_certificates
from magda_portal.sealing.fields import unseal_from


def key_bundle(certificate: Certificate) -> KeyBundle:
    """Return a certificate with its chain and its opened private key.

    Raises SealingError when the key-encryption key it was sealed with is gone.
    """
    return KeyBundle(
        private_key_pem=unseal_from(certificate.key_pair, "sealed_private_key"),
        certificate_pem=write_certificates(load_certificates(bytes(certificate.der))),
        chain_pem=certificate.chain_pem.encode(),
    )
