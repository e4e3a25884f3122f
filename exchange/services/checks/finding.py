"""What a check found in a file before it is sent."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exchange.advice import advice_for
from exchange.advice.checks import naming
from magda_portal.web.advice import Advice


class Severity(StrEnum):
    """What a finding means for sending: an error stops it, a warning asks for a reason."""

    ERROR = "ERROR"
    WARNING = "WARNING"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or may be; never with a value out of the file.

    ``lines`` count from 1 and are the first of ``count`` places. ``subject`` is the name of an
    element of the schema for the codes that begin with ``check.schema_``, and the number of a
    transfer for ``check.referte``; else it is empty. For ``check.schema_root`` it has a line for
    the element with which the file begins, and one for each with which it might.
    """

    code: str
    severity: Severity
    lines: tuple[int, ...] = ()
    count: int = 1
    subject: str = ""

    @property
    def advice(self) -> Advice:
        return naming(advice_for(self.code), self.code, self.subject)

    @property
    def transfer_id(self) -> int | None:
        """The transfer that used the same Referte, to link to."""
        return int(self.subject) if self.code == "check.referte" and self.subject else None

    @property
    def where(self) -> str:
        """The lines in a sentence; empty when there are none to tell."""
        if not self.lines:
            return ""
        lines = get_text_list([str(line) for line in self.lines], _("and"))
        told = ngettext("On line %(lines)s.", "On lines %(lines)s.", len(self.lines))
        if self.count <= len(self.lines):
            return told % {"lines": lines}
        told = ngettext(
            "%(count)d place, first on line %(lines)s.",
            "%(count)d places, first on these lines: %(lines)s.",
            self.count,
        )
        return told % {"count": self.count, "lines": lines}
