"""Tell how a PKCS#12 file is protected, without its password (RFC 7292, 4)."""

from collections.abc import Iterator
from dataclasses import dataclass

from certificates.pki.ber import (
    CONTEXT_0,
    OCTET_STRING,
    OCTET_STRING_IN_PIECES,
    SEQUENCE,
    BERError,
    Element,
    read,
)
from certificates.pki.encryption import Encryption, describe_encryption, mac_rounds
from certificates.pki.errors import ErrorCode, ParseError

_DATA = "1.2.840.113549.1.7.1"
_ENCRYPTED_DATA = "1.2.840.113549.1.7.6"
_SHROUDED_KEY_BAG = "1.2.840.113549.1.12.10.1.2"


@dataclass(frozen=True, slots=True)
class Pkcs12Facts:
    """How a PKCS#12 file is protected."""

    algorithms: tuple[str, ...]
    """Every cipher once, such as "RC2-40" or "AES-256"; an unknown one as its identifier."""
    unknown: tuple[str, ...]
    iterations: int
    """The most rounds of key derivation that any part asks for."""
    has_mac: bool
    is_legacy: bool
    """Something in the file is encrypted with less than PBES2 and AES."""
    needs_legacy_provider: bool
    """RC2 or RC4: curl and others say "digital envelope routines::unsupported"."""


def inspect_pkcs12(data: bytes) -> Pkcs12Facts:
    """Read the algorithm identifiers of a PKCS#12 file; raises ParseError when it is none."""
    try:
        return _inspect(read(data))
    except (ValueError, IndexError) as exc:
        raise ParseError("not a PKCS#12 file", code=ErrorCode.PKCS12_NOT_PKCS12) from exc


def _inspect(pfx: Element) -> Pkcs12Facts:
    """Read PFX: version 3, the contents, and MacData when the file has a MAC."""
    version, contents, *mac = pfx.expect(SEQUENCE).children()
    if version.integer() != 3:
        raise BERError("not version 3")
    encryptions = [
        encryption for part in _safe_contents(contents) for encryption in _encryptions(part)
    ]
    unknown = [encryption.name for encryption in encryptions if not encryption.is_known]
    rounds = [encryption.iterations for encryption in encryptions]
    return Pkcs12Facts(
        algorithms=tuple(dict.fromkeys(encryption.name for encryption in encryptions)),
        unknown=tuple(dict.fromkeys(unknown)),
        iterations=max([*rounds, *(_mac_iterations(data) for data in mac[:1])], default=0),
        has_mac=bool(mac),
        is_legacy=any(encryption.is_legacy for encryption in encryptions),
        needs_legacy_provider=any(one.needs_legacy_provider for one in encryptions),
    )


def _safe_contents(contents: Element) -> list[Element]:
    """Return the ContentInfo elements of the AuthenticatedSafe (RFC 7292, 4.1)."""
    kind, wrapped = contents.expect(SEQUENCE).children()
    if kind.identifier() != _DATA:
        raise BERError("signed instead of protected with a password")
    return read(_string_in(wrapped)).expect(SEQUENCE).children()


def _encryptions(part: Element) -> Iterator[Encryption]:
    """Yield how a ContentInfo is encrypted as a whole, or else the keys in it."""
    kind, wrapped = part.expect(SEQUENCE).children()
    if kind.identifier() == _ENCRYPTED_DATA:
        _version, encrypted = wrapped.expect(CONTEXT_0).children()[0].expect(SEQUENCE).children()
        yield describe_encryption(encrypted.expect(SEQUENCE).children()[1])
        return
    if kind.identifier() != _DATA:
        raise BERError("encrypted for a public key instead of with a password")
    for bag in read(_string_in(wrapped)).expect(SEQUENCE).children():
        identifier, value = bag.expect(SEQUENCE).children()[:2]
        if identifier.identifier() == _SHROUDED_KEY_BAG:
            info = value.expect(CONTEXT_0).children()[0].expect(SEQUENCE).children()
            yield describe_encryption(info[0])


def _string_in(wrapped: Element) -> bytes:
    inner = wrapped.expect(CONTEXT_0).children()[0]
    return inner.expect(OCTET_STRING, OCTET_STRING_IN_PIECES).string()


def _mac_iterations(mac: Element) -> int:
    """Return the rounds of MacData, 1 when it does not say (RFC 7292, 4)."""
    digest, _salt, *iterations = mac.expect(SEQUENCE).children()
    algorithm = digest.expect(SEQUENCE).children()[0]
    return mac_rounds(algorithm, iterations[0].integer() if iterations else 1)
