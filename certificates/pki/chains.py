"""Build the certification path above a certificate, and say where it ends (RFC 5280, 6; RFC 4158).

This draws the picture; whether the path holds is for :mod:`certificates.pki.paths` to say.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cryptography import x509

from certificates.pki.certificates import is_issued_by, is_self_signed
from certificates.pki.names import distinguished_name


class PathEnd(StrEnum):
    """Where a path leads to."""

    ANCHOR = "anchor"
    """A trust anchor: as it should be."""
    UNKNOWN_ROOT = "unknown_root"
    """A self-signed certificate that is no trust anchor."""
    MISSING_ISSUER = "missing_issuer"
    """A certificate whose issuer is not there."""
    CIRCLE = "circle"
    """Authorities that certified each other, and none of them trusted."""


@dataclass(frozen=True, slots=True)
class BuiltPath:
    """A path from a leaf upwards, as far as it goes."""

    certificates: tuple[x509.Certificate, ...]
    """The leaf first, each followed by its issuer."""
    end: PathEnd

    @property
    def top(self) -> x509.Certificate:
        return self.certificates[-1]

    @property
    def missing(self) -> str:
        """The subject of the issuer that is missing, as RFC 4514 writes it; "" when none is."""
        if self.end is not PathEnd.MISSING_ISSUER:
            return ""
        return distinguished_name(self.top.issuer)


_Issuers = Callable[[x509.Certificate], list[x509.Certificate]]
_Path = tuple[x509.Certificate, ...]


def build_path(
    leaf: x509.Certificate,
    *,
    pool: Iterable[x509.Certificate],
    anchors: Iterable[x509.Certificate],
    at: datetime | None = None,
) -> BuiltPath:
    """Return the shortest path from the leaf to a trust anchor, or else one that ends elsewhere.

    The pool may hold certificates that issue each other, several of one name, and what does not
    belong to the path at all: each is looked at once. With a time ``at`` (aware), a path of
    certificates that are valid then is preferred. Of paths without an anchor, one to a root is
    preferred, then the longest.
    """
    trusted = frozenset(anchors)
    issuers = _lookup([*trusted, *pool])
    if at is not None:
        valid_now = _walk(leaf, trusted, lambda one: [up for up in issuers(one) if _holds(up, at)])
        if valid_now.end is PathEnd.ANCHOR:
            return valid_now
    return _walk(leaf, trusted, issuers)


def _walk(
    leaf: x509.Certificate, anchors: frozenset[x509.Certificate], issuers: _Issuers
) -> BuiltPath:
    """Go up in all directions at once (breadth first), visiting no certificate twice."""
    seen = {leaf}
    level: list[_Path] = [(leaf,)]
    ends: list[BuiltPath] = []
    while level:
        for path in level:
            if path[-1] in anchors:
                return BuiltPath(path, PathEnd.ANCHOR)
        above: list[_Path] = []
        for path in level:
            found = [] if is_self_signed(path[-1]) else issuers(path[-1])
            above += [(*path, issuer) for issuer in found if issuer not in seen]
            seen.update(found)
            if set(found) <= set(path):
                ends.append(BuiltPath(path, _end_of(path, found)))
        level = list({path[-1]: path for path in above}.values())
    return max(ends, key=_worth, default=BuiltPath((leaf,), PathEnd.CIRCLE))


def _worth(path: BuiltPath) -> tuple[bool, int]:
    return path.end is PathEnd.UNKNOWN_ROOT, len(path.certificates)


def _end_of(path: _Path, issuers: list[x509.Certificate]) -> PathEnd:
    if issuers:
        return PathEnd.CIRCLE
    return PathEnd.UNKNOWN_ROOT if is_self_signed(path[-1]) else PathEnd.MISSING_ISSUER


def _lookup(pool: Iterable[x509.Certificate]) -> _Issuers:
    """Return a function that names the issuers of a certificate, by name and signature."""
    by_subject: dict[x509.Name, list[x509.Certificate]] = defaultdict(list)
    for certificate in dict.fromkeys(pool):
        by_subject[certificate.subject].append(certificate)

    def issuers(certificate: x509.Certificate) -> list[x509.Certificate]:
        named = by_subject.get(certificate.issuer, [])
        return [one for one in named if is_issued_by(certificate, one)]

    return issuers


def _holds(certificate: x509.Certificate, at: datetime) -> bool:
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc
