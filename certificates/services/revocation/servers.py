"""Refuse a server whose certificate is revoked, without a download and at little cost."""

from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography import x509

from certificates.models import RevocationList
from certificates.pki import RevokedError, issuing_path, verify_not_revoked

_MOST_KEPT = 256
_Key = tuple[tuple[x509.Certificate, ...], tuple[tuple[int, str], ...]]
# What the lists said of a path. Certificates and lists never change, so neither does the answer;
# every process finds it once for itself. Opening a long list takes a third of a second.
_answers: OrderedDict[_Key, RevokedError | None] = OrderedDict()


def refuse_revoked_server(
    chain: Sequence[x509.Certificate], *, anchors: Sequence[x509.Certificate], at: datetime
) -> None:
    """Raise RevokedError when a list that is here names the server's certificate or an issuer.

    ``chain`` is what the server showed, its own certificate first. A certificate that no list
    speaks of passes, and so does one whose list has become too old without naming it: a list
    that can't be fetched stops no transfer.
    """
    path = issuing_path(chain, anchors)
    lists = _lists_of(path)
    if not lists:
        return
    key = (tuple(path), tuple(lists))
    if key not in _answers:
        _keep(key, _answer(path, [pk for pk, _ in lists], at=at))
    refusal = _answers[key]
    if refusal is not None:
        raise RevokedError(str(refusal), code=refusal.code, **refusal.context)


def _lists_of(path: Sequence[x509.Certificate]) -> list[tuple[int, str]]:
    names = {one.issuer.rfc4514_string() for one in path}
    rows = RevocationList.objects.filter(issuer__in=names).order_by("pk")
    return list(rows.values_list("pk", "fingerprint"))


def _answer(
    path: Sequence[x509.Certificate], ids: Sequence[int], *, at: datetime
) -> RevokedError | None:
    rows = RevocationList.objects.filter(pk__in=ids).values_list("der", flat=True)
    lists_of: defaultdict[x509.Name, list[x509.CertificateRevocationList]] = defaultdict(list)
    for der in rows:
        one = x509.load_der_x509_crl(bytes(der))
        lists_of[one.issuer].append(one)
    try:
        for lists in lists_of.values():
            verify_not_revoked(path, anchors=(), lists=lists, at=_moment(lists, at))
    except RevokedError as refusal:
        return refusal
    return None


def _moment(lists: Sequence[x509.CertificateRevocationList], at: datetime) -> datetime:
    """Return the last moment until now at which one of an issuer's lists was not too old.

    So a list that became old takes no revocation back.
    """
    ends = [one.next_update_utc for one in lists if one.next_update_utc is not None]
    return min(at, max(ends, default=at) - timedelta(seconds=1))


def _keep(key: _Key, answer: RevokedError | None) -> None:
    _answers[key] = answer
    while len(_answers) > _MOST_KEPT:
        _answers.popitem(last=False)
