"""X.509 without Django: bytes in, values out.

No settings, no files and no clock of its own; what goes wrong is a PKIError.
"""

from certificates.pki.bundle import assemble_bundle, load_bundle
from certificates.pki.certificates import (
    CertificateInfo,
    allows_client_auth,
    describe,
    is_authority,
    is_self_signed,
    load_certificates,
    order_chain,
    write_certificates,
)
from certificates.pki.errors import (
    ERROR_CODES,
    CommonNameError,
    ErrorCode,
    ExpiredError,
    HostNameError,
    IncompletePathError,
    KeyMismatchError,
    NotYetValidError,
    ParseError,
    PasswordError,
    PathError,
    PKIError,
    UntrustedError,
    UsageError,
    WeakKeyError,
)
from certificates.pki.keys import (
    KeyBundle,
    PrivateKey,
    check_key_strength,
    describe_key,
    load_private_key,
    same_key,
    spki_fingerprint,
    write_private_key,
)
from certificates.pki.names import alternative_names, common_name
from certificates.pki.paths import VerifiedPath, verify_client_path, verify_server_path
from certificates.pki.pkcs12 import dump_pkcs12, load_pkcs12
from certificates.pki.pkcs12_facts import Pkcs12Facts, inspect_pkcs12
from certificates.pki.suitability import (
    check_client_certificate,
    check_common_name,
    check_usage,
    check_validity,
)

__all__ = [
    "ERROR_CODES",
    "CertificateInfo",
    "CommonNameError",
    "ErrorCode",
    "ExpiredError",
    "HostNameError",
    "IncompletePathError",
    "KeyBundle",
    "KeyMismatchError",
    "NotYetValidError",
    "PKIError",
    "ParseError",
    "PasswordError",
    "PathError",
    "Pkcs12Facts",
    "PrivateKey",
    "UntrustedError",
    "UsageError",
    "VerifiedPath",
    "WeakKeyError",
    "allows_client_auth",
    "alternative_names",
    "assemble_bundle",
    "check_client_certificate",
    "check_common_name",
    "check_key_strength",
    "check_usage",
    "check_validity",
    "common_name",
    "describe",
    "describe_key",
    "dump_pkcs12",
    "inspect_pkcs12",
    "is_authority",
    "is_self_signed",
    "load_bundle",
    "load_certificates",
    "load_pkcs12",
    "load_private_key",
    "order_chain",
    "same_key",
    "spki_fingerprint",
    "verify_client_path",
    "verify_server_path",
    "write_certificates",
    "write_private_key",
]
