"""What a look at a server found, and why one saw nothing."""

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from certificates.errors import CertificateCode
from certificates.pki import ErrorCode
from magda_portal.web.advice import Advice

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


class Finding(StrEnum):
    """What a sighting means, from harmless to worst: of several the last one counts."""

    FIRST = "watch.first"
    SETTLED = "watch.settled"
    CHAIN_CHANGED = "watch.chain_changed"
    TLS_CHANGED = "watch.tls_changed"
    ADDRESSES_CHANGED = "watch.addresses_changed"
    RENEWED = "watch.renewed"
    KEY_CHANGED = "watch.key_changed"
    ISSUER_CHANGED = "watch.issuer_changed"
    FIRST_CONTACT = "watch.first_contact"
    TLS_WEAKER = "watch.tls_weaker"
    UNEXPECTED_ADDRESS = "watch.unexpected_address"
    EXPIRED = "watch.expired"
    INVALID = "watch.invalid"
    WRONG_HOST = "watch.wrong_host"
    PINNED_CHANGED = "watch.pinned_changed"
    UNKNOWN_ISSUER = "watch.unknown_issuer"
    REVOKED = "watch.revoked"

    @property
    def is_alarm(self) -> bool:
        return self in ALARMS


_ORDER: Final = tuple(Finding)
ALARMS: Final = frozenset(_ORDER[_ORDER.index(Finding.TLS_WEAKER) :])


def worst(findings: set[Finding]) -> Finding | None:
    """Return the one that matters most, or None of none."""
    return max(findings, key=_ORDER.index, default=None)


_NOTHING_TO_DO = _("You need not do anything.")
# Of what the portal refuses.
_ASK_MAGDA = _(
    "The portal refuses this server, so nothing is sent to it; ask MAGDA's service desk by "
    "telephone whether it is theirs."
)
_KEEPS_LOOKING = _("The portal keeps looking; if it stays, ask your network team.")

ADVICE: dict[str, Advice] = {
    Finding.FIRST: Advice(
        _("The server was seen for the first time, and its certificate is trusted."),
        _NOTHING_TO_DO,
    ),
    Finding.FIRST_CONTACT: Advice(
        _("Nothing is trusted for this server yet, so no account can use it."),
        _("Compare a fingerprint with the one that MAGDA publishes, and trust that certificate."),
    ),
    Finding.SETTLED: Advice(
        _("What was wrong before is in order: the server shows the same, and it is accepted now."),
        _NOTHING_TO_DO,
    ),
    Finding.CHAIN_CHANGED: Advice(
        _("The server shows the same certificate with other issuing certificates beside it."),
        _NOTHING_TO_DO,
    ),
    Finding.TLS_CHANGED: Advice(_("The server speaks a newer TLS version."), _NOTHING_TO_DO),
    Finding.ADDRESSES_CHANGED: Advice(
        _("The server's name leads to other addresses than before."),
        _("Check that your firewall lets the new addresses through."),
    ),
    Finding.RENEWED: Advice(
        _("The server has a new certificate for the same key, from an authority you trust."),
        _NOTHING_TO_DO,
    ),
    Finding.KEY_CHANGED: Advice(
        _("The server has a new certificate with a new key, from the same authority."),
        _("Such a renewal is expected; nothing changes for your accounts."),
    ),
    Finding.ISSUER_CHANGED: Advice(
        _("The server has a new certificate from another authority, which you trust as well."),
        _("Look whether MAGDA announced it; nothing changes for your accounts."),
    ),
    Finding.TLS_WEAKER: Advice(
        _("The server speaks an older TLS version than before."),
        _("Tell MAGDA's service desk; something between you and the server may cause it, too."),
    ),
    Finding.UNEXPECTED_ADDRESS: Advice(
        _("The server's name leads to an address that is not one of the expected ones."),
        _("Look whether MAGDA announced a move; if so, change these addresses and your firewall."),
    ),
    Finding.EXPIRED: Advice(
        _("A certificate that the server shows has expired or is not valid yet."),
        _("Check the clock of this machine; if it is right, tell MAGDA's service desk."),
    ),
    Finding.INVALID: Advice(
        _("The server's certificate breaks a rule, so connections to it are refused."),
        _("Give MAGDA's service desk the certificate's fingerprint."),
    ),
    Finding.WRONG_HOST: Advice(
        _("The server shows the certificate of another server."),
        _ASK_MAGDA,
    ),
    Finding.PINNED_CHANGED: Advice(
        _(
            "The server no longer shows the certificate that you trust by itself, so connections "
            "to it are refused."
        ),
        _(
            "Get the new fingerprint from MAGDA and trust the issuing authority instead, so that "
            "the next renewal is harmless."
        ),
    ),
    Finding.UNKNOWN_ISSUER: Advice(
        _("The server's certificate is from an authority that you don't trust."),
        _ASK_MAGDA,
    ),
    Finding.REVOKED: Advice(
        _("The server's certificate has been revoked, so connections to it are refused."),
        _ASK_MAGDA,
    ),
    ErrorCode.LOOK_NAME_UNKNOWN: Advice(
        _("The server's name could not be looked up."),
        _("Check the name on the account's page; if it is right, ask your network team."),
    ),
    ErrorCode.LOOK_REFUSED: Advice(
        _("The server refused the connection."),
        _("Check the port, and whether your public address is on MAGDA's list."),
    ),
    ErrorCode.LOOK_UNREACHABLE: Advice(_("There is no way to the server."), _KEEPS_LOOKING),
    ErrorCode.LOOK_TIMED_OUT: Advice(
        _("The server did not answer in time."),
        _("Mostly a firewall, or an address that is not on MAGDA's list: ask your network team."),
    ),
    ErrorCode.LOOK_LOST: Advice(
        _("The connection broke before the server showed its certificate."), _KEEPS_LOOKING
    ),
    ErrorCode.LOOK_UNAVAILABLE: Advice(
        _("The server says that it is not available."),
        _("The portal keeps looking; look whether MAGDA announced maintenance."),
    ),
    ErrorCode.LOOK_PROXY_UNREACHABLE: Advice(
        _("The HTTP proxy can not be reached."),
        _("Check the proxy on the account's page, or ask your network team."),
    ),
    ErrorCode.LOOK_PROXY_REFUSED: Advice(
        _("The HTTP proxy does not let the connection through."),
        _("Ask your network team to allow this server and port."),
    ),
    ErrorCode.LOOK_PROXY_PASSWORD: Advice(
        _("The HTTP proxy refuses the user name or password, or the password can't be read here."),
        _("An administrator enters the proxy's password again on the account's page."),
    ),
    ErrorCode.LOOK_NOT_FTP: Advice(
        _("What answers there is no FTP server."),
        _("Check server and port on the account's page."),
    ),
    ErrorCode.LOOK_NO_AUTH_TLS: Advice(
        _("The server does not offer a secure connection."),
        _("Check server and port on the account's page; MAGDA's servers always offer it."),
    ),
    ErrorCode.LOOK_NO_TLS: Advice(
        _("No secure connection could be agreed upon, so the server showed no certificate."),
        _KEEPS_LOOKING,
    ),
    CertificateCode.WATCH_ADDRESS: Advice(
        _("This is not an IP address."),
        _("Enter one address per line, such as 192.0.2.1; no names and no ranges."),
    ),
}

DETAILS: dict[str, "StrPromise"] = {CertificateCode.WATCH_ADDRESS: _("It says “{found}”.")}
