"""Requests of our own making, in MAGDA's shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
VALID_INSZ = "90010100123"
INVALID_INSZ = "90010100124"


def request_xml(*, reference: str = "my-reference", insz: Sequence[str] = (VALID_INSZ,)) -> bytes:
    """Build a bare GeefPersoon request with one question for each number, an empty one for ""."""
    questions = "".join(
        f"<Vraag><Referte>question-{index}</Referte><Inhoud>{_criteria(number)}</Inhoud></Vraag>"
        for index, number in enumerate(insz, start=1)
    )
    return f"""<GeefPersoon xmlns="http://magda.vlaanderen.be/persoon/soap/geefpersoon/v02_02">
<Verzoek xmlns=""><Context><Naam>GeefPersoon</Naam><Versie>02.02.0000</Versie><Bericht>
<Type>VRAAG</Type><Tijdstip><Datum>2026-01-01</Datum><Tijd>12:00</Tijd></Tijdstip>
<Afzender><Identificatie>practice.vlaanderen.be/demo</Identificatie>
<Referte>{reference}</Referte><Hoedanigheid>1300</Hoedanigheid></Afzender>
</Bericht></Context><Vragen>{questions}</Vragen></Verzoek></GeefPersoon>""".encode()


def envelope(request: bytes, *, header: str = "") -> bytes:
    """Wrap a request in SOAP."""
    return (
        f'<s:Envelope xmlns:s="{SOAP}"><s:Header>{header}</s:Header><s:Body>'.encode()
        + request
        + b"</s:Body></s:Envelope>"
    )


def _criteria(number: str) -> str:
    return f"<Criteria><INSZ>{number}</INSZ></Criteria>" if number else ""
