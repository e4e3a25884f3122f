"""Advice for what goes wrong between the portal and the server, from looking it up to the login."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from magda_portal.web.advice import Advice

CONNECTIONS: Final[Mapping[str, Advice]] = {
    "connect.resolve": Advice(
        _("The name of MAGDA's server could not be looked up."),
        _("Check the server's name on the account page; if it is right, tell your network team."),
    ),
    "connect.refused": Advice(
        _("MAGDA's server refused the connection."),
        _(
            "Check server and port on the account page, and whether your public address is on "
            "MAGDA's list; the portal keeps trying."
        ),
    ),
    "connect.timed_out": Advice(
        _("MAGDA's server did not answer in time."),
        _(
            "Mostly a firewall, or an address that is not on MAGDA's list: have your network team "
            "check outgoing port 21 and the list of addresses. The portal keeps trying."
        ),
    ),
    "connect.failed": Advice(
        _("No connection with MAGDA's server could be made."),
        _("The portal keeps trying; if it stays, have your network team check the way out."),
    ),
    "connect.lost": Advice(
        _("The connection with MAGDA's server broke."),
        _("The portal tries again by itself; you need not do anything."),
    ),
    "connect.no_reply": Advice(
        _("MAGDA's server stopped answering in the middle of the conversation."),
        _("The portal tries again by itself; you need not do anything."),
    ),
    "connect.unavailable": Advice(
        _("MAGDA's server says that it is not available now."),
        _("The portal tries again by itself; look whether MAGDA announced maintenance."),
    ),
    "proxy.unreachable": Advice(
        _("The HTTP proxy of this account can not be reached."),
        _("Check the proxy's name and port on the account page, or ask your network team."),
    ),
    "proxy.refused": Advice(
        _("The HTTP proxy does not let the connection to MAGDA through."),
        _("Ask your network team to allow MAGDA's server on port 21 and 40000 to 42000."),
    ),
    "proxy.authentication": Advice(
        _("The HTTP proxy refuses the user name or password of this account."),
        _("An administrator enters the proxy's password again on the account page."),
    ),
    "tls.handshake": Advice(
        _("No secure connection could be agreed upon with the server."),
        _("Set the newest TLS version of the account to TLS 1.2; if it stays, ask the helpdesk."),
    ),
    "tls.refused_by_server": Advice(
        _("The server does not offer a secure connection; nothing was sent in the clear."),
        _("Check server and port on the account page; MAGDA's servers always offer it."),
    ),
    "tls.server_untrusted": Advice(
        _("The server's certificate is not issued by an authority that this portal trusts."),
        _(
            "An administrator adds the root certificate of the Flemish government as a trust "
            "anchor, after comparing its fingerprint. Do not send files elsewhere meanwhile."
        ),
    ),
    "tls.server_expired": Advice(
        _("The server's certificate has expired."),
        _("Tell MAGDA's service desk, with your connection number; the portal keeps trying."),
    ),
    "tls.server_name": Advice(
        _("The server's certificate is for another name than the one of this account."),
        _(
            "Check the server's name on the account page; if it is right, tell the helpdesk. "
            "An old certificate may name its host in the common name alone: a setting accepts that."
        ),
    ),
    "tls.server_revoked": Advice(
        _("The certificate that the server showed is revoked; nothing was sent to it."),
        _(
            "Ask MAGDA's service desk by telephone whether it knows of this, and do not send files "
            "elsewhere meanwhile; the portal tries again by itself."
        ),
    ),
    "tls.client_rejected": Advice(
        _("MAGDA's server refused the certificate of this account."),
        _(
            "Check on the certificates page that it has not expired and bears the account's name; "
            "then ask MAGDA's service desk whether it was registered or withdrawn."
        ),
    ),
    "tls.cut_after_handshake": Advice(
        _("MAGDA's server closed the connection right after it had seen the certificate."),
        _(
            "It may be restarting, or it refuses the certificate without a word: the portal tries "
            "again by itself. If it stays, ask MAGDA's service desk whether it knows the "
            "certificate."
        ),
    ),
    "client.key_unusable": Advice(
        _("The private key of this account can not be used with its certificate."),
        _("An administrator imports certificate and key again."),
    ),
    "client.trust_unusable": Advice(
        _("The trust anchors of this account can not be read."),
        _("An administrator adds the trust anchors of its environment again."),
    ),
    "login.refused": Advice(
        _("MAGDA's server knows the certificate but refuses the login."),
        _(
            "Check that the account's name is exactly the one that MAGDA gave, and that the "
            "address is on MAGDA's list; else ask MAGDA's service desk with your connection number."
        ),
    ),
}
