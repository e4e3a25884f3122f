"""Ready recipes by which other programs reach an account, with verification switched on.

They hold placeholders in place of secrets. Everything that stands in a command or a file is
quoted by the rules of the program that reads it: common names may hold slashes, spaces, quotes.
"""

from exchange.queries.recipes.files import PASSPHRASE, PKCS12, TRUST
from exchange.queries.recipes.unix import curl_file, lftp_file, openssl_check, unpacking
from exchange.queries.recipes.winscp import winscp_fields, winscp_file

__all__ = [
    "PASSPHRASE",
    "PKCS12",
    "TRUST",
    "curl_file",
    "lftp_file",
    "openssl_check",
    "unpacking",
    "winscp_fields",
    "winscp_file",
]
