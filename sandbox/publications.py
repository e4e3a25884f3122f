"""Publications for a new home: made-up companies, in the shapes and names that MAGDA uses.

Names are `prefix_timestamp.extension`; CSV has `;` between quoted fields and no header; a
publication without mutations has no bytes at all.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.accounts import Folder

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.accounts import Homes

COMPANIES_PREFIX = "pub_mut-ondernemingVKBO0200"
FUNCTIONS_PREFIX = "pub_mut_klanten-functies0200"
PERSONS_PREFIX = "persoon.publiceermutatiepersoon-0202"

_COMPANIES = (
    ("0999999922", "AC", "Actief", "Oefenonderneming Noord"),
    ("0999999823", "AC", "Actief", "Oefenonderneming Zuid"),
    ("0999999724", "ST", "Stopgezet", "Oefenonderneming Oost"),
)
# A birth number of a day that does not exist, with control digits that fit.
_PERSON = "00000000097"


def lay_publications(homes: Homes, account: str, *, now: datetime) -> None:
    """Lay three publications into the public folder and one of persons into `from_vip`."""
    public = homes.public_folder
    yesterday = now - timedelta(days=1)
    homes.place(account, public, _name(COMPANIES_PREFIX, now, "csv"), _companies_csv(now))
    # Nothing changed on the day before.
    homes.place(account, public, _name(COMPANIES_PREFIX, yesterday, "csv"), b"")
    companies = _publication(
        "PubliceerOndernemingVKBO", "onderneming", account, _company_subjects(), now=now
    )
    homes.place(account, public, _name(COMPANIES_PREFIX, now, "xml"), companies)
    persons = _publication(
        "PubliceerMutatiePersoon", "persoon", account, [_person_subject()], now=now
    )
    homes.place(account, Folder.FROM_VIP, _name(PERSONS_PREFIX, now, "xml"), persons)


def _name(prefix: str, moment: datetime, extension: str) -> str:
    return f"{prefix}_{moment:%Y%m%d%H%M%S}000.{extension}"


def _companies_csv(now: datetime) -> bytes:
    rows = ((now.date().isoformat(), *company) for company in _COMPANIES)
    return "\n".join(";".join(f'"{field}"' for field in row) for row in rows).encode()


def _company_subjects() -> list[str]:
    return [
        f"<Onderneming><Ondernemingsnummer>{number}</Ondernemingsnummer>"
        f"<Status><Code>{code}</Code><Omschrijving>{status}</Omschrijving></Status>"
        f"<Naam>{name}</Naam></Onderneming>"
        for number, code, status, name in _COMPANIES
    ]


def _person_subject() -> str:
    return (
        f"<MutatiePersoon><Persoon><INSZ>{_PERSON}</INSZ>"
        "<Naam><Achternaam>Oefening</Achternaam><Voornaam>Test</Voornaam></Naam>"
        "</Persoon></MutatiePersoon>"
    )


def _publication(
    name: str, domain: str, account: str, subjects: list[str], *, now: datetime
) -> bytes:
    onderwerpen = "\n".join(
        f"      <Onderwerp><Referte>{uuid.uuid4()}</Referte><Inhoud>{subject}</Inhoud></Onderwerp>"
        for subject in subjects
    )
    namespace = f"http://magda.vlaanderen.be/{domain}/file/{name.lower()}/v02_02"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<vip:{name} xmlns:vip="{namespace}">
  <Publicatie>
    <Context>
      <Naam>{domain.capitalize()}.{name}</Naam><Versie>02.02.0000</Versie>
      <Bericht>
        <Type>PUBLICATIE</Type>
        <Tijdstip><Datum>{now:%Y-%m-%d}</Datum><Tijd>{now:%H:%M}</Tijd></Tijdstip>
        <Afzender>
          <Identificatie>vip.vlaanderen.be</Identificatie><Naam>VIP</Naam>
          <Referte>{uuid.uuid4()}</Referte>
        </Afzender>
        <Ontvanger><Identificatie>{account.removesuffix("-ftp")}</Identificatie></Ontvanger>
      </Bericht>
    </Context>
    <Onderwerpen>
{onderwerpen}
    </Onderwerpen>
  </Publicatie>
</vip:{name}>
""".encode()
