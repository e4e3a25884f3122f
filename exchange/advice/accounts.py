"""Advice for accounts, their addresses, subscriptions and collections."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from magda_portal.web.advice import Advice

_READINESS: Final[Mapping[str, Advice]] = {
    "account.no_certificate": Advice(
        _("This account has no certificate yet."),
        _("An administrator imports the certificate that VO-DCBaaS issued."),
    ),
    "account.certificate_expired": Advice(
        _("The certificate of this account has expired."),
        _("An administrator requests a new one from VO-DCBaaS and imports it."),
    ),
    "account.certificate_not_yet_valid": Advice(
        _("The certificate of this account is not valid yet."),
        _("Wait for its first day, or check the clock of this server."),
    ),
    "account.certificate_revoked": Advice(
        _("The certificate of this account is revoked, so nothing is sent or collected with it."),
        _(
            "An administrator requests a new one from VO-DCBaaS, with a new key, and imports it; "
            "ask there why the old one was revoked."
        ),
    ),
    "account.both_certificates_refused": Advice(
        _(
            "MAGDA refused the new certificate of this account, and then the one before it, too: "
            "the portal does not switch again by itself."
        ),
        _(
            "An administrator asks MAGDA's service desk which certificate it knows now, by serial "
            "number, and puts that one in use on the renewal page."
        ),
    ),
    "account.no_next_certificate": Advice(
        _("This account has no next certificate to log in with."),
        _("An administrator requests or imports one on the certificates page."),
    ),
    "account.no_trust_anchor": Advice(
        _("No trust anchor says which server is MAGDA's."),
        _("An administrator adds the Flemish government's root certificate for the environment."),
    ),
    "account.secret_unreadable": Advice(
        _("The portal can't open the private key or proxy password of this account."),
        _(
            "The helpdesk checks the portal's sealing keys; then import the certificate again, and"
            " choose “Try now” on the page of the account."
        ),
    ),
    "account.unusable_settings": Advice(
        _("A setting of this account, or its certificate, can't be used for a connection."),
        _("An administrator checks server, proxy and certificate on the account page."),
    ),
    "account.suspended": Advice(
        _("This account is suspended."),
        _("An administrator of the organisation resumes it on the account page."),
    ),
    "account.paused": Advice(
        _("This account is paused after an error."),
        _("Look at the error on the account page, and use the button there to try at once."),
    ),
    "account.connections_busy": Advice(
        _("The portal holds as many connections to this account as it may, to move other files."),
        _("Try again in a moment."),
    ),
    "collection.already_running": Advice(
        _("This account is being collected at this moment."),
        _("Wait until that has finished."),
    ),
    "collection.taken_over": Advice(
        _("Another process took this collection over."),
        _("Look at the answers and publications in a minute."),
    ),
}

_SETTINGS: Final[Mapping[str, Advice]] = {
    "account.unknown": Advice(
        _("There is no account with this name."),
        _("Check the name, or open the account first."),
    ),
    "account.ambiguous": Advice(
        _("Accounts in several environments have this name."),
        _("Say the environment too: TNI, PRD or SANDBOX."),
    ),
    "account.name": Advice(
        _("This is not a name that a certificate can bear."),
        _("Take the common name (CN) exactly as MAGDA gave it."),
    ),
    "account.organisation": Advice(
        _("An account belongs to an organisation, and none was named."),
        _("Name the organisation."),
    ),
    "account.host": Advice(
        _("This is not the name of a server."),
        _("Enter a host name such as vipftps.vlaanderen.be, without ftp:// and without a path."),
    ),
    "account.port": Advice(
        _("The port is not between 1 and 65535."), _("MAGDA's servers listen on port 21.")
    ),
    "account.proxy_url": Advice(
        _("The proxy can not be understood."),
        _("Enter its name, its port, and if it asks for them a user and password."),
    ),
    "account.passive_ports": Advice(
        _("The passive ports are not a first and a last port between 1 and 65535."),
        _("MAGDA uses 40000 to 42000."),
    ),
    "account.folder_name": Advice(
        _("A folder name is empty, named twice, or points outside the account's own folder."),
        _("Write the folders as MAGDA names them, such as from_vip or from_vip/department."),
    ),
    "account.collect_every": Advice(
        _("The time between two collections is too short or too long."),
        _("Enter at least 5 seconds and at most a day; a few minutes is usual."),
    ),
    "account.clear_cache_after": Advice(
        _("That is too many days to keep files in the cache folder."),
        _("Enter at most 3650 days, or leave it empty: MAGDA cleans up after two weeks."),
    ),
    "account.folder_overlap": Advice(
        _("Two of these folders are the same, or a folder to collect is one of the others."),
        _("Give each folder its own name, and collect only the folder with answers."),
    ),
    "account.invalid": Advice(
        _("A setting is not acceptable."),
        _("Check the values that you changed."),
    ),
}

_ADDRESSES: Final[Mapping[str, Advice]] = {
    "address.malformed": Advice(
        _("This is not an IP address."),
        _("Enter one IPv4 address such as 193.191.4.10, or one IPv6 address."),
    ),
    "address.range": Advice(
        _("This is a range or a network; MAGDA lists single addresses only."),
        _("Enter each static address by itself, at most seven."),
    ),
    "address.private": Advice(
        _("This is a private address, which nobody outside your network sees."),
        _("Ask your network team for the public address that your traffic leaves with."),
    ),
    "address.loopback": Advice(
        _("This address is the computer itself."),
        _("Ask your network team for the public address that your traffic leaves with."),
    ),
    "address.multicast": Advice(
        _("This is a multicast address, not the address of one sender."),
        _("Ask your network team for the public address that your traffic leaves with."),
    ),
    "address.unspecified": Advice(
        _("This address means no address at all."),
        _("Ask your network team for the public address that your traffic leaves with."),
    ),
    "address.link_local": Advice(
        _("This address holds only inside one network segment."),
        _("Ask your network team for the public address that your traffic leaves with."),
    ),
    "address.reserved": Advice(
        _("This address is set aside for documentation or tests and is used by nobody."),
        _("Ask your network team for the public address that your traffic leaves with."),
    ),
    "address.duplicate": Advice(
        _("This address is on the account's list already."), _("There is nothing left to do.")
    ),
    "address.limit": Advice(
        _("Seven addresses are requested or active; MAGDA allows no eighth."),
        _("Withdraw an address that is no longer used first."),
    ),
    "address.withdrawn": Advice(
        _("This address was withdrawn meanwhile."), _("Request it again if it is still needed.")
    ),
}

_SUBSCRIPTIONS: Final[Mapping[str, Advice]] = {
    "subscription.prefix": Advice(
        _("The prefix is empty, too long, or holds a slash or an invisible character."),
        _("Enter the beginning of the file name as MAGDA agreed it with you."),
    ),
    "subscription.format": Advice(_("This format is not known."), _("Choose XML, CSV or any.")),
    "subscription.duplicate": Advice(
        _("The account has this subscription already."), _("There is nothing left to do.")
    ),
}

ACCOUNTS: Final[Mapping[str, Advice]] = {
    **_READINESS,
    **_SETTINGS,
    **_ADDRESSES,
    **_SUBSCRIPTIONS,
}
