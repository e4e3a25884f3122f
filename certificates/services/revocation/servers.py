"""Refuse a server whose certificate is revoked, without a download and at little cost."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime

from cryptography import x509

from certificates.models import RevocationList
from certificates.pki import (
    RevokedError,
    distinguished_name,
    issuances,
    refuse_revoked,
)

_MOST_KEPT = 256
_Issuance = tuple[x509.Certificate, x509.Certificate]
_Key = tuple[tuple[_Issuance, ...], tuple[tuple[int, str], ...]]
# What the lists said of a path. Certificates and lists never change, so neither does the answer;
# every process finds it once for itself. Only answers are kept, no list.
_answers: OrderedDict[_Key, RevokedError | None] = OrderedDict()


def refuse_revoked_server(
    chain: Sequence[x509.Certificate], *, anchors: Sequence[x509.Certificate], at: datetime
) -> None:
    """Raise RevokedError when a list that is here names the server's certificate or an issuer.

    ``chain`` is what the server showed, its own certificate first. A certificate that no list
    speaks of passes, and so does one whose list has become too old without naming it: a list
    that can't be fetched stops no transfer.
    """
    found = issuances(chain, anchors)
    lists = _lists_of(found)
    if not lists:
        return
    key = (tuple(found), tuple(lists))
    if key not in _answers:
        _keep(key, _answer(found, [pk for pk, _ in lists], at=at))
    refusal = _answers[key]
    if refusal is not None:
        raise RevokedError(str(refusal), code=refusal.code, **refusal.context)


def _lists_of(found: Sequence[_Issuance]) -> list[tuple[int, str]]:
    names = {distinguished_name(issuer.subject) for _, issuer in found}
    rows = RevocationList.objects.filter(issuer__in=names).order_by("pk")
    return list(rows.values_list("pk", "fingerprint"))


def _answer(found: Sequence[_Issuance], ids: Sequence[int], *, at: datetime) -> RevokedError | None:
    rows = RevocationList.objects.filter(pk__in=ids).values_list("der", flat=True)
    lists = [x509.load_der_x509_crl(bytes(der)) for der in rows]
    try:
        for certificate, issuer in found:
            refuse_revoked(certificate, issuer=issuer, lists=lists, at=at)
    except RevokedError as refusal:
        # The way it was raised holds on to the lists, megabytes each.
        return refusal.with_traceback(None)
    return None


def _keep(key: _Key, answer: RevokedError | None) -> None:
    _answers[key] = answer
    while len(_answers) > _MOST_KEPT:
        _answers.popitem(last=False)
