from certificates.models.certificate import Certificate, LoginTest, RevocationState
from certificates.models.expiry import CalendarFeed, Expiring, ExpiryNotice, ExpirySubscription
from certificates.models.identity import ClientIdentity, Environment
from certificates.models.key_pair import KeyPair
from certificates.models.request import CertificateRequest
from certificates.models.revocation import RevocationList, RevocationSource
from certificates.models.trust import TrustAnchor
from certificates.models.watch import (
    ExpectedAddresses,
    ServerAlarm,
    ServerSighting,
    WatchedServer,
)

__all__ = [
    "CalendarFeed",
    "Certificate",
    "CertificateRequest",
    "ClientIdentity",
    "Environment",
    "ExpectedAddresses",
    "Expiring",
    "ExpiryNotice",
    "ExpirySubscription",
    "KeyPair",
    "LoginTest",
    "RevocationList",
    "RevocationSource",
    "RevocationState",
    "ServerAlarm",
    "ServerSighting",
    "TrustAnchor",
    "WatchedServer",
]
