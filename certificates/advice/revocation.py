"""What is wrong with a revocation list, or with fetching one."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from certificates.downloads import DownloadCode
from certificates.errors import CertificateCode
from certificates.pki import ErrorCode, ListFeature
from magda_portal.web.advice import Advice

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

_BY_HAND = _("Download the list with a browser where that is possible, and upload it here.")
_TELL_AUTHORITY = _("Tell the authority that issues the list; until then the last one is used.")
_IT_PASSES = _("It is tried again by itself; ask your network team if it lasts longer than a day.")
_PROXY = _("Check the setting REVOCATION_PROXY, and ask your network team.")

ADVICE: dict[str, Advice] = {
    ErrorCode.REVOCATION_UNREADABLE: Advice(
        _("No revocation list can be read from this."),
        _("Choose the list itself, PEM or DER, often a .crl file; it holds exactly one list."),
    ),
    ErrorCode.REVOCATION_TOO_LARGE: Advice(
        _("The revocation list is larger than 20 MiB, so it is not read."),
        _("Check that this is a revocation list; if it is, ask the helpdesk."),
    ),
    ErrorCode.REVOCATION_UNSUPPORTED: Advice(
        _("The revocation list is of a kind that can't be used here."),
        _("Look for the authority's complete list, which covers all its certificates."),
    ),
    ErrorCode.REVOCATION_WRONG_ISSUER: Advice(
        _("The revocation list is of another authority than the one it was expected of."),
        _TELL_AUTHORITY,
    ),
    ErrorCode.REVOCATION_BAD_SIGNATURE: Advice(
        _("The signature of the revocation list is wrong: it was changed, or is a forgery."),
        _("Don't use it; get the list again from the authority's own site."),
    ),
    ErrorCode.REVOCATION_ISSUER_MAY_NOT_SIGN: Advice(
        _("The authority's certificate does not allow it to sign revocation lists."),
        _TELL_AUTHORITY,
    ),
    ErrorCode.REVOCATION_NOT_YET_VALID: Advice(
        _("The revocation list is dated in the future."),
        _("Check the clock of this machine; if it is right, tell the authority."),
    ),
    ErrorCode.REVOCATION_NO_NEXT_UPDATE: Advice(
        _("The revocation list does not say when the next one comes, so it could never get old."),
        _TELL_AUTHORITY,
    ),
    ErrorCode.REVOCATION_STALE: Advice(
        _("The revocation list is too old: the next one should have come already."),
        _("Get the newest list from the authority; if there is none, tell the authority."),
    ),
    ErrorCode.REVOCATION_OLDER: Advice(
        _("The revocation list is older than the one that is here already."),
        _("Nothing needs to be done: the newer one stays in use."),
    ),
    ErrorCode.REVOCATION_REVOKED: Advice(
        _("The certificate was revoked by the authority that issued it."),
        _("Don't use it any more: its owner needs a new certificate, with a new key."),
    ),
    CertificateCode.REVOCATION_ISSUER_UNKNOWN: Advice(
        _("The revocation list is of an authority that the portal does not know."),
        _("Add the authority as a trust anchor, or import a certificate with its chain, first."),
    ),
    DownloadCode.ADDRESS: Advice(
        _("The certificate names an address that is no plain web address."),
        _BY_HAND,
    ),
    DownloadCode.HOST_NOT_ALLOWED: Advice(
        _("The portal may not fetch anything from this host."),
        _("If the host is your authority's, add it to the setting REVOCATION_HOSTS."),
    ),
    DownloadCode.PRIVATE_ADDRESS: Advice(
        _("The host's name leads to a private address, where no public list can be."),
        _("Ask your network team why; a list on your own network is allowed by its IP address."),
    ),
    DownloadCode.REDIRECT: Advice(
        _("The server sends us on to another address, and the portal does not follow."),
        _BY_HAND,
    ),
    DownloadCode.STATUS: Advice(
        _("The server answers, but has no list at this address."),
        _BY_HAND,
    ),
    DownloadCode.TOO_LARGE: Advice(
        _("The server sends more than 20 MiB, so the download was ended."),
        _("Check that this is a revocation list; if it is, ask the helpdesk."),
    ),
    DownloadCode.TOO_SLOW: Advice(
        _("The server did not answer in time, or sends far too slowly."),
        _IT_PASSES,
    ),
    DownloadCode.NAME: Advice(
        _("The server's name can't be found."),
        _("Check the name; without a way to the internet, set REVOCATION_PROXY."),
    ),
    DownloadCode.CONNECT: Advice(
        _("Nothing answers at the server."),
        _("Ask your network team whether this machine may reach it, or set REVOCATION_PROXY."),
    ),
    DownloadCode.PROXY: Advice(_("The proxy can't be reached, or refuses."), _PROXY),
    DownloadCode.TLS: Advice(
        _("No secure connection to the server could be made."),
        _BY_HAND,
    ),
    DownloadCode.BROKEN_OFF: Advice(
        _("The connection to the server broke off."),
        _IT_PASSES,
    ),
}

FEATURES: dict[str, "StrPromise"] = {
    ListFeature.DELTA: _("changes since an earlier list (a delta list)"),
    ListFeature.INDIRECT: _("certificates of other issuers (an indirect list)"),
    ListFeature.SOME_REASONS: _("certificates that were revoked for some reasons only"),
    ListFeature.ATTRIBUTE_CERTIFICATES: _("attribute certificates only"),
    ListFeature.UNKNOWN_EXTENSION: _("a critical extension that is not known here ({oid})"),
}
"""What a list holds that is not taken, as it stands in a sentence."""

DETAILS: dict[str, "StrPromise"] = {
    ErrorCode.REVOCATION_UNSUPPORTED: _("It holds {feature}."),
    ErrorCode.REVOCATION_REVOKED: _("It is “{subject}”."),
}
