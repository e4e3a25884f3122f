"""``manage.py trust_anchors``: list, add and remove what servers are believed by."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from certificates.models import Environment, TrustAnchor
from certificates.services.first_contact import read_fingerprint
from certificates.services.trust import add_trust_anchors, remove_trust_anchor
from exchange.management.command import PortalCommand, command_actor
from magda_portal.people.models import Organisation


class Command(PortalCommand):
    help = (
        "List, add or remove trust anchors; without --organisation those that all share, which no "
        "page changes. Prints fingerprint, environment, organisation, kind, valid until, subject."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="list|add|remove")
        listing = acts.add_parser("list", help="those of all environments and organisations")
        listing.add_argument("--environment", choices=Environment.values)
        adding = acts.add_parser("add", help="trust every certificate of a file")
        adding.add_argument("--environment", required=True, choices=Environment.values)
        adding.add_argument("--organisation", metavar="NAME", help="only for this one")
        adding.add_argument(
            "--file", required=True, type=Path, metavar="FILE", help="PEM, DER or PKCS#7"
        )
        removing = acts.add_parser("remove", help="stop trusting a certificate")
        removing.add_argument("fingerprint", metavar="FINGERPRINT", help="SHA-256, all of it")
        removing.add_argument("--environment", required=True, choices=Environment.values)
        removing.add_argument("--organisation", metavar="NAME", help="only for this one")

    def work(self, options: dict[str, Any]) -> bool:
        acts = {"list": _listed, "add": _added, "remove": _removed}
        for anchor in acts[options["act"]](options):
            self.say(_line(anchor))
        return True


def _listed(options: dict[str, Any]) -> list[TrustAnchor]:
    anchors = TrustAnchor.objects.select_related("organisation").order_by("environment", "subject")
    environment = options["environment"]
    return list(anchors.filter(environment=environment) if environment else anchors)


def _added(options: dict[str, Any]) -> list[TrustAnchor]:
    path: Path = options["file"]
    try:
        file = path.read_bytes()
    except OSError as exc:
        raise CommandError(f"{path} can't be read: {exc.strerror}.") from exc
    return add_trust_anchors(
        file,
        environment=options["environment"],
        organisation=_organisation(options),
        actor=command_actor(),
    )


def _removed(options: dict[str, Any]) -> list[TrustAnchor]:
    fingerprint = read_fingerprint(options["fingerprint"])
    anchor = TrustAnchor.objects.filter(
        environment=options["environment"],
        organisation=_organisation(options),
        fingerprint=fingerprint,
    ).first()
    if anchor is None:
        raise CommandError("There is no such trust anchor; 'trust_anchors list' shows all.")
    remove_trust_anchor(anchor, actor=command_actor())
    return [anchor]


def _organisation(options: dict[str, Any]) -> Organisation | None:
    name = options["organisation"]
    if name is None:
        return None
    organisation = Organisation.objects.filter(name=name).first()
    if organisation is None:
        raise CommandError(f"There is no organisation {name!r}.")
    return organisation


def _line(anchor: TrustAnchor) -> str:
    organisation = "all" if anchor.organisation is None else anchor.organisation.name
    kind = "authority" if anchor.is_authority else "server certificate"
    return "\t".join(
        (
            anchor.fingerprint,
            anchor.environment,
            organisation,
            kind,
            anchor.not_after.isoformat(),
            anchor.subject,
        )
    )
