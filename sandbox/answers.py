"""Write MAGDA's answers: one Antwoord for each Vraag, or Uitzonderingen for the whole file.

Shape, error codes and who repeats whose Referte follow MAGDA's public XSDs and examples:
`Ontvanger/Referte` of the answer is `Afzender/Referte` of the request, and each Antwoord bears
the Referte of its Vraag.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from sandbox.requests import is_valid_insz

if TYPE_CHECKING:
    from datetime import datetime
    from typing import TextIO

    from sandbox.requests import Header, Question


@dataclass(frozen=True, slots=True)
class Fault:
    """An Uitzondering; MAGDA identifies it by its number together with its origin."""

    number: str
    origin: str
    diagnosis: str


def question_fault(question: Question) -> Fault | None:
    """Return what is wrong with a question, None when it can be answered."""
    if not question.has_content:
        return Fault("50000", "MAGDA", "Inhoud is empty")
    for number in question.insz_numbers:
        if not is_valid_insz(number):
            return Fault("20002", "MAGDA", "INSZ is not valid")
    return None


class AnswerWriter:
    """Writes one answer file from top to bottom, without keeping it in memory."""

    def __init__(self, target: TextIO, *, now: datetime) -> None:
        self._target = target
        self._now = now
        self._opened = False

    def answer(self, header: Header, question: Question) -> None:
        """Write the Antwoord to one question, before the first also the context."""
        if not self._opened:
            self._open(header)
            self._target.write("    <Antwoorden>\n")
            self._opened = True
        self._target.write(
            f"      <Antwoord>\n        <Referte>{escape(question.reference)}</Referte>\n"
        )
        fault = question_fault(question)
        if fault is None:
            self._write_content(question)
        else:
            self._write_fault(fault, indent=" " * 8)
        self._target.write("      </Antwoord>\n")

    def close(self, header: Header) -> None:
        """Write the end of an answer that has at least one Antwoord."""
        self._target.write("    </Antwoorden>\n")
        self._close(header)

    def reject(self, header: Header, diagnosis: str) -> None:
        """Write a whole answer that says why the file as such was not processed."""
        self._open(header)
        self._write_fault(Fault("50000", "MAGDA", diagnosis), indent=" " * 4)
        self._close(header)

    def _open(self, header: Header) -> None:
        name = _response_name(header)
        self._target.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<web:{name} xmlns:web={quoteattr(header.namespace or 'urn:practice:unknown')}>\n"
            "  <Repliek>\n"
            f"    <Context>{_element('Naam', header.name)}{_element('Versie', header.version)}\n"
            f"      <Bericht><Type>ANTWOORD</Type>{_moment(self._now)}\n"
            "        <Afzender><Identificatie>vip.vlaanderen.be</Identificatie>"
            f"<Naam>MagdaGateway</Naam><Referte>{uuid.uuid4()}</Referte></Afzender>\n"
            f"        <Ontvanger>{_receiver(header)}</Ontvanger>\n"
            "      </Bericht>\n"
            "    </Context>\n"
        )

    def _close(self, header: Header) -> None:
        self._target.write(f"  </Repliek>\n</web:{_response_name(header)}>\n")

    def _write_content(self, question: Question) -> None:
        numbers = "".join(
            f"<Persoon><INSZ>{escape(number)}</INSZ></Persoon>" for number in question.insz_numbers
        )
        self._target.write(f"        <Inhoud>{numbers or '<Resultaat>OK</Resultaat>'}</Inhoud>\n")

    def _write_fault(self, fault: Fault, *, indent: str) -> None:
        self._target.write(
            f"{indent}<Uitzonderingen><Uitzondering>"
            f"{_element('Identificatie', fault.number)}{_element('Oorsprong', fault.origin)}"
            f"<Type>FOUT</Type>{_moment(self._now)}{_element('Diagnose', fault.diagnosis)}"
            "</Uitzondering></Uitzonderingen>\n"
        )


def _response_name(header: Header) -> str:
    return f"{header.operation or 'Onbekend'}Response"


def _receiver(header: Header) -> str:
    return "".join(
        _element(name, header.sender(name)) for name in ("Identificatie", "Referte", "Hoedanigheid")
    )


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>" if text else ""


def _moment(now: datetime) -> str:
    date, time = now.date().isoformat(), now.time().isoformat("milliseconds")
    return f"<Tijdstip><Datum>{date}</Datum><Tijd>{time}</Tijd></Tijdstip>"
