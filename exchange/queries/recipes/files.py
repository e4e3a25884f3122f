"""The files and placeholders that the recipes name."""

from typing import Final

PKCS12: Final = "magda.p12"
"""Certificate, chain and key, as they are exported here."""
CERTIFICATE: Final = "magda.crt"
KEY: Final = "magda.key"
TRUST: Final = "magda-trust.pem"
"""The trust anchors of the account."""
PASSPHRASE: Final = "PASSPHRASE"  # noqa: S105, a placeholder
"""To be replaced by the passphrase of the PKCS#12 file."""
PROXY_PASSWORD: Final = "PROXY-PASSWORD"  # noqa: S105, a placeholder
UNUSED_PASSWORD: Final = "unused"  # noqa: S105, MAGDA looks at the certificate only
