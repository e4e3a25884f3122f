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
_KEY_BAG = "1.2.840.113549.1.12.10.1.1"
_SHROUDED_KEY_BAG = "1.2.840.113549.1.12.10.1.2"

_KEY_BAGS = {_KEY_BAG, _SHROUDED_KEY_BAG}


@dataclass(frozen=True, slots=True)
class Pkcs12Facts:
    """How a PKCS#12 file is protected."""

    algorithms: tuple[str, ...]
    """Every cipher once, such as "RC2-40" or "AES-256"; an unknown one as its identifier."""
    unknown: tuple[str, ...]
    iterations: int
    """The most rounds of key derivation that any part asks for."""
    total_iterations: int
    """What opening the whole file takes, as every part and key derives a key of its own."""
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
        raise _not_pkcs12() from exc


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
    rounds += [_mac_iterations(data) for data in mac[:1]]
    return Pkcs12Facts(
        algorithms=tuple(dict.fromkeys(encryption.name for encryption in encryptions)),
        unknown=tuple(dict.fromkeys(unknown)),
        iterations=max(rounds, default=0),
        total_iterations=sum(rounds),
        has_mac=bool(mac),
        is_legacy=any(encryption.is_legacy for encryption in encryptions),
        needs_legacy_provider=any(one.needs_legacy_provider for one in encryptions),
    )


def reachable_keys(data: bytes) -> list[bytes]:
    """Return the keys of the file as PKCS#8 in DER, still encrypted where they are.

    A key within a part that is encrypted as a whole is not among them. Raises ParseError.
    """
    try:
        contents = read(data).expect(SEQUENCE).children()[1]
        bags = [bag for part in _safe_contents(contents) for bag in _open_bags(part)]
        return [value.encoded() for kind, value in bags if kind in _KEY_BAGS]
    except (ValueError, IndexError) as exc:
        raise _not_pkcs12() from exc


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
        _version, encrypted = _inner(wrapped).expect(SEQUENCE).children()
        yield describe_encryption(encrypted.expect(SEQUENCE).children()[1])
        return
    for identifier, value in _open_bags(part):
        if identifier == _SHROUDED_KEY_BAG:
            yield describe_encryption(value.expect(SEQUENCE).children()[0])


def _open_bags(part: Element) -> Iterator[tuple[str, Element]]:
    """Yield kind and value of the bags of a ContentInfo, none when it is encrypted."""
    kind, wrapped = part.expect(SEQUENCE).children()
    if kind.identifier() == _ENCRYPTED_DATA:
        return
    if kind.identifier() != _DATA:
        raise BERError("encrypted for a public key instead of with a password")
    for bag in read(_string_in(wrapped)).expect(SEQUENCE).children():
        identifier, value = bag.expect(SEQUENCE).children()[:2]
        yield identifier.identifier(), _inner(value)


def _inner(wrapped: Element) -> Element:
    return wrapped.expect(CONTEXT_0).children()[0]


def _string_in(wrapped: Element) -> bytes:
    return _inner(wrapped).expect(OCTET_STRING, OCTET_STRING_IN_PIECES).string()


def _mac_iterations(mac: Element) -> int:
    """Return the rounds of MacData, 1 when it does not say (RFC 7292, 4)."""
    digest, _salt, *iterations = mac.expect(SEQUENCE).children()
    algorithm = digest.expect(SEQUENCE).children()[0]
    return mac_rounds(algorithm, iterations[0].integer() if iterations else 1)


def _not_pkcs12() -> ParseError:
    return ParseError("not a PKCS#12 file", code=ErrorCode.PKCS12_NOT_PKCS12)
