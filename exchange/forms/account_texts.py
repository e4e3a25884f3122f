"""What the form of an account says beside its fields: what it is, where it comes from, an example.

Source of the values for MAGDA: "FTPS Technical Information" (hosts, folders, ports, proxy).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that belong together, under a heading."""

    heading: "StrPromise"
    explanation: "StrPromise"
    fields: tuple[str, ...]


SECTIONS: Final = (
    Section(
        _("Agreed with MAGDA"),
        _("What MAGDA told you when it granted the connection."),
        ("tan", "expects_xml"),
    ),
    Section(
        _("Server"),
        _("Ready-made for MAGDA's environments; change these only when MAGDA announces it."),
        (
            "host",
            "port",
            "passive_first",
            "passive_last",
            "highest_tls",
            "accepts_host_in_common_name",
        ),
    ),
    Section(
        _("HTTP proxy"),
        _("Only when your network lets nothing out but through a proxy. Ask your network team."),
        ("proxy_host", "proxy_port", "proxy_username", "proxy_password"),
    ),
    Section(
        _("Sending and collecting"),
        _("How requests are laid down at MAGDA, and how answers are fetched."),
        (
            "collect_folders",
            "collect_every",
            "after_collection",
            "clear_cache_after",
            "staging_folder",
        ),
    ),
    Section(
        _("Folders at MAGDA"),
        _("MAGDA's own names. Change one only when MAGDA calls it otherwise for your account."),
        (
            "folder_to_vip",
            "folder_from_vip",
            "folder_cache_to_vip",
            "folder_cache_from_vip",
            "folder_public",
        ),
    ),
)

LABELS: Final[Mapping[str, "StrPromise"]] = {
    "folder_to_vip": _("Folder for requests"),
    "folder_from_vip": _("Folder with answers"),
    "folder_cache_to_vip": _("Folder with requests that were picked up"),
    "folder_cache_from_vip": _("Folder for answers that were fetched"),
    "folder_public": _("Folder with publications"),
}

HELP: Final[Mapping[str, "StrPromise"]] = {
    "tan": _(
        "The number by which MAGDA's service desk knows your connection. It stands in MAGDA's "
        "mail about the connection; quote it in every question."
    ),
    "expects_xml": _(
        "Tick it when all requests of this account are XML: a file that is no well-formed XML is "
        "then stopped before it leaves."
    ),
    "host": _(
        "A name, without ftp:// and without a path. MAGDA: vipftps.vlaanderen.be for PRD, "
        "vipftps-aip.vlaanderen.be for TNI."
    ),
    "port": _("Where the server listens. MAGDA: 21."),
    "passive_first": _("The lowest port that the server may name for a file. MAGDA: 40000."),
    "passive_last": _("The highest port that the server may name for a file. MAGDA: 42000."),
    "highest_tls": _(
        "Leave it at the newest. TLS 1.2 is for a server that breaks off the second file of a "
        "visit."
    ),
    "accepts_host_in_common_name": _(
        "Only for a server whose certificate has no alternative names at all (RFC 9525); "
        "MAGDA's have them."
    ),
    "proxy_host": _(
        "A name, without http://. Leave it empty to connect directly. On the network of the "
        "Flemish government: proxyservers.vlaanderen.be."
    ),
    "proxy_port": _("On the network of the Flemish government: 8080."),
    "proxy_username": _("Leave it empty when the proxy asks for no name."),
    "collect_every": _("How often the portal looks for new files. 300 is every five minutes."),
    "after_collection": _(
        "What happens at MAGDA once a file is safely kept here. MAGDA asks you to clear the "
        "folder; a moved file can be looked at for two weeks more."
    ),
    "clear_cache_after": _(
        "After so many days the portal deletes what it moved there. Leave it empty to let MAGDA "
        "clean up, after two weeks."
    ),
    "staging_folder": _(
        "A subfolder of the folder for requests, to upload into before the file is moved to its "
        "place. Leave it empty to upload under a temporary name: that works at MAGDA."
    ),
    "folder_to_vip": _("Here the portal lays your requests. MAGDA: to_vip."),
    "folder_from_vip": _("Here MAGDA lays the answers. MAGDA: from_vip."),
    "folder_cache_to_vip": _("Here MAGDA moves what it picked up. MAGDA: cache/to_vip."),
    "folder_cache_from_vip": _(
        "Here the portal moves answers that it fetched. MAGDA: cache/from_vip."
    ),
    "folder_public": _("Here MAGDA lays publications. MAGDA: public, or publiek."),
}
