"""Make private keys of the kinds that the servers accept and that are strong enough."""

import re
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from certificates.pki.errors import ErrorCode, ParseError, WeakKeyError
from certificates.pki.keys import MINIMUM_RSA_BITS, PrivateKey

_PUBLIC_EXPONENT = 65537
_TYPED_KIND = re.compile(r"(RSA|EC)?[\s_-]*(P-?)?([0-9]{1,5})", re.IGNORECASE)


class KeyKind(StrEnum):
    """Kinds of key that can be made here; the values are what describe_key says of them.

    RSA 2048 is what some servers insist on; whoever has the choice takes more (NIST SP 800-57
    part 1, 5.6: 2048 bits count as 112, RSA 3072 and P-256 as 128).
    """

    RSA_2048 = "RSA 2048"
    RSA_3072 = "RSA 3072"
    RSA_4096 = "RSA 4096"
    EC_P256 = "EC P-256"
    EC_P384 = "EC P-384"


_RSA_BITS = {KeyKind.RSA_2048: 2048, KeyKind.RSA_3072: 3072, KeyKind.RSA_4096: 4096}
_BITS = {**_RSA_BITS, KeyKind.EC_P256: 256, KeyKind.EC_P384: 384}


def key_kind(typed: str) -> KeyKind:
    """Return the kind that a person typed: "RSA 3072", "rsa-3072", "EC P-256", "p384", "4096".

    Raises WeakKeyError for RSA below 2048 bits, ParseError for what is not made here.
    """
    match = _TYPED_KIND.fullmatch(typed.strip())
    family, curve, bits = match.groups() if match else ("", "", "0")
    family = (family or (curve and "EC") or "").upper()
    for kind, size in _BITS.items():
        if size == int(bits) and kind.startswith(family):
            return kind
    if family != "EC" and 0 < int(bits) < MINIMUM_RSA_BITS:
        raise WeakKeyError(
            f"RSA with {bits} bits can be broken, and servers refuse it: at least"
            f" {MINIMUM_RSA_BITS} bits",
            code=ErrorCode.KEY_TOO_WEAK,
            found=typed.strip(),
        )
    raise ParseError(
        f"no key of the kind {typed!r} is made here, but {', '.join(KeyKind)}",
        code=ErrorCode.KEY_KIND,
        found=typed.strip(),
    )


def generate_key(kind: KeyKind) -> PrivateKey:
    """Make a private key; RSA 4096 takes seconds of computing."""
    match kind:
        case KeyKind.EC_P256:
            return ec.generate_private_key(ec.SECP256R1())
        case KeyKind.EC_P384:
            return ec.generate_private_key(ec.SECP384R1())
        case _:
            return rsa.generate_private_key(_PUBLIC_EXPONENT, _RSA_BITS[kind])
