"""Advice for what goes wrong with the services of an account: their patterns and schemas."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from magda_portal.web.advice import Advice

_CHOOSE_AGAIN: Final = _("Choose the files once more; nothing was kept.")

_PATTERNS: Final[Mapping[str, Advice]] = {
    "service.name": Advice(
        _("The service has no name, or one that is too long."),
        _("Give the name that MAGDA uses, such as GeefPersoon, in at most 100 characters."),
    ),
    "service.duplicate": Advice(
        _("The account has a service of this name already."),
        _("Change that one, or give this one another name."),
    ),
    "service.changed": Advice(
        _("This service was changed meanwhile, in another window or by a colleague."),
        _("Compare it with what you typed, and save again if yours is right."),
    ),
    "service.gone": Advice(
        _("The service was removed in the meantime."), _("Add it again if it is still needed.")
    ),
    "pattern.empty": Advice(
        _("There is no pattern."), _("Write how the names of the files look, such as vraag_*.xml.")
    ),
    "pattern.too_long": Advice(
        _("The pattern is longer than 200 characters."),
        _("Put an asterisk in the place of what differs from file to file."),
    ),
    "pattern.character": Advice(
        _("The pattern holds a slash, a backslash or a character that can not be seen."),
        _("Leave it out: the name of a file can not have it."),
    ),
    "pattern.word": Advice(
        _("Braces stand around something other than date or timestamp."),
        _("Write {date} or {timestamp}, or put an asterisk there."),
    ),
}

_SCHEMAS: Final[Mapping[str, Advice]] = {
    "schema.no_files": Advice(
        _("There is no schema among the chosen files."),
        _("Choose the files whose names end in .xsd, or the ZIP file as you got it from MAGDA."),
    ),
    "schema.too_large": Advice(
        _("The schema is larger than the portal takes: 200 files or 4 MB."),
        _("Choose only the files that belong to this service."),
    ),
    "schema.archive": Advice(
        _("The ZIP file can not be read: it is damaged or locked with a password."),
        _("Get it from MAGDA again, or choose the .xsd files that are in it."),
    ),
    "schema.path": Advice(
        _("A file in the archive has a path that leads outside of it or is too long."),
        _("Get the archive from MAGDA again, or choose the .xsd files that are in it."),
    ),
    "schema.same_path": Advice(
        _("Two of the files have the same name."),
        _("Choose the ZIP file in which they stand in folders of their own."),
    ),
    "schema.not_well_formed": Advice(
        _("One of the files is not well-formed XML, or declares a document type."),
        _("Get it from MAGDA again; a document type (DOCTYPE) is not accepted."),
    ),
    "schema.not_a_schema": Advice(_("One of the files is XML, but no XML Schema."), _CHOOSE_AGAIN),
    "schema.missing_file": Advice(
        _("A file refers to another that is not among the chosen ones."),
        _("Choose that file as well; the portal never fetches a schema from the network."),
    ),
    "schema.ambiguous_file": Advice(
        _("A file refers to another, and several of the chosen ones have that name."),
        _("Choose the ZIP file in which they stand in folders of their own."),
    ),
    "schema.entry_unclear": Advice(
        _("It is not clear which of the files describes the request of this service."),
        _("Choose the files once more and write down the name of that file."),
    ),
    "schema.invalid": Advice(
        _("The files do not make up a valid XML Schema."),
        _("Get them from MAGDA again, all of one version."),
    ),
}

SERVICES: Final[Mapping[str, Advice]] = {**_PATTERNS, **_SCHEMAS}
