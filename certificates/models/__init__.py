from certificates.models.certificate import Certificate, ExpiryNotice
from certificates.models.identity import ClientIdentity, Environment
from certificates.models.key_pair import KeyPair
from certificates.models.trust import TrustAnchor

__all__ = [
    "Certificate",
    "ClientIdentity",
    "Environment",
    "ExpiryNotice",
    "KeyPair",
    "TrustAnchor",
]
